"""Help in a running session, by the student's invitation.

She presses a button on the page of her session; JupyterHub then shares her session with the instructor, and the hub's
log names both. She may end the invitation at any time, and it ends with the session.
"""

from collections.abc import Callable
from typing import Any

from jupyterhub import orm
from sqlalchemy import event
from traitlets.config import Config
from traitlets.log import get_logger

__all__ = ["apply_help", "end_invitations"]


def end_invitations(spawner: Any) -> None:  # noqa: ANN401 jupyterhub is untyped
    """End every invitation into a session that has stopped: JupyterHub would keep them for the next one."""
    session = spawner.orm_spawner
    ended = [*session.shares, *session.share_codes]
    for invitation in ended:
        spawner.db.delete(invitation)
    if ended:
        spawner.db.commit()
        spawner.log.info("Ended %d invitation(s) into the session of %s", len(ended), spawner.user.name)


def apply_help(c: Config) -> None:
    """Let invitations end with the session, and be recorded in the hub's log."""
    c.Spawner.post_stop_hook = end_invitations
    # However an invitation comes to be: by the page's button, or by somebody's own program.
    for name, verb in (("after_insert", "invites"), ("after_delete", "no longer invites")):
        listener = _RECORDERS.setdefault(name, _recorder(verb))
        if not event.contains(orm.Share, name, listener):
            event.listen(orm.Share, name, listener)


def _recorder(verb: str) -> Callable[[Any, Any, Any], None]:
    def record(mapper: Any, connection: Any, share: Any) -> None:  # noqa: ANN401 sqlalchemy's own signature
        guest = share.user.name if share.user else f"group {share.group.name}"
        get_logger().info("Invitation: %s %s %s", share.owner.name, verb, guest)

    return record


_RECORDERS: dict[str, Callable[[Any, Any, Any], None]] = {}
