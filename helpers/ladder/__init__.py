"""The ladder: events in, a diagram of lanes and arrows out, as text and as SVG."""
