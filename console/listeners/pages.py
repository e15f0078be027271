"""All addresses of the Listeners' pages and of their API, in the order in which they are looked for."""

from console.listeners import api, importing, person, pipeline, welfare

# "import" is no Listener's address, so that it comes before them.
ROUTERS = (
    pipeline.router,
    importing.router,
    importing.forms,
    person.router,
    person.forms,
    welfare.router,
    api.router,
)
