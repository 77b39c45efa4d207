"""OPC UA on a live twin: any client of the standard can browse, subscribe and, with an account, operate the plant.

::

    async with Gateway(live, port=4840, accounts=Accounts.read(path), folder=folder):
        await live.run()

``docs/twins.md`` shows the information model and what is answered to what is not allowed.
"""

from twins.opcua.accounts import Account, Accounts
from twins.opcua.gateway import Gateway

__all__ = ["Account", "Accounts", "Gateway"]
