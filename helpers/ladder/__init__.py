"""The ladder: events in, a diagram of lanes and arrows out, as text and as SVG.

Where to find what, in the order in which a call goes through it:

- `lanes`: in which column each call stands;
- `crossings`: what crossed from lane to lane, and so where arrows are;
- `build`: the rows, and who stands waiting beside them: `ladder(events)`;
- `wording`: a call, a lane, a fold, the whole ladder in words;
- `text`: the rows in characters;
- `svg`, with the marks of `strokes` and the colours of `style`: the rows as a picture;
- `timeline`: the view that a learner gets.
"""
