"""Runs the clients' commands in one process, for starting Python takes longer than most of them.

In: lines of JSON, the words of a command. Out: lines of JSON, [its status, what it printed].
"""
import contextlib
import io
import json
import logging
import os
import sys
import traceback

commands = os.fdopen(os.dup(0))
answers = os.fdopen(os.dup(1), "w")
# A terminal that says nothing: the clients take anything else for an image's bytes.
os.dup2(os.openpty()[1], 0)
sys.stdin = os.fdopen(0)

import openstack as sdk  # noqa: E402
from glanceclient import Client  # noqa: E402
from glanceclient import shell as glance  # noqa: E402
from openstackclient import shell as openstack  # noqa: E402


def glance_import(region, source, target):
    """What later versions of glance do for image-import --remote-region; Debian's 4.1 cannot."""
    client = Client("2", session=sdk.connect().session, region_name="RegionOne")
    client.images.image_import(
        target, "glance-download", remote_region=region, remote_image_id=source
    )


def run(words):
    sys.argv = words
    try:
        if words[0] == "glance-import":
            return glance_import(*words[1:]) or 0
        if words[0] == "glance":
            return glance.main() or 0
        return openstack.main(words[1:]) or 0
    except SystemExit as end:
        return 0 if end.code is None else end.code
    except Exception:
        traceback.print_exc()
        return 1


for line in commands:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        status = run(json.loads(line))
    logging.getLogger().handlers.clear()
    # As the shell sees it: whatever else a client ends with is a failure.
    status = status if isinstance(status, int) else 1
    answers.write(json.dumps([status, printed.getvalue()]) + "\n")
    answers.flush()
