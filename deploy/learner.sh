#!/bin/sh
# What a hub starts for a learner: the course in the learner's home, then the learner's server.
# SOCKET_COURSE is the folder of the course, and `helpers` is installed where `python` finds it.
set -eu
course="$HOME/socket-course"
mkdir -p "$course"
# Nobody works in these folders: the learner's own lessons are in my_lessons, which stays.
for path in "$SOCKET_COURSE"/notebooks* "$SOCKET_COURSE"/programs "$SOCKET_COURSE"/helpers \
    "$SOCKET_COURSE"/docs "$SOCKET_COURSE"/README*.md; do
    each=$(basename "$path")
    rm -rf "${course:?}/$each"
    cp -R "$path" "$course/$each"
done
cd "$course"
# With SOCKET_COURSE_LANG=ko these are the Korean lessons, in my_lessons_ko.
python -P -m helpers.desk prepare
# The settings of `make lab`: no question about news, the state of widgets is saved.
desk="$SOCKET_COURSE/helpers/desk/jupyter"
own=${SOCKET_COURSE_LANG:+$course/my_lessons_$SOCKET_COURSE_LANG/.desk/jupyter:}
export JUPYTER_CONFIG_PATH="$own$desk${JUPYTER_CONFIG_PATH:+:$JUPYTER_CONFIG_PATH}"
export JUPYTER_PATH="$desk${JUPYTER_PATH:+:$JUPYTER_PATH}"
# The sockets of the kernels: their paths may have no more than 107 characters.
JUPYTER_RUNTIME_DIR=$(mktemp -d /tmp/jupyter-XXXXXX)
export JUPYTER_RUNTIME_DIR
exec jupyterhub-singleuser "$@"
