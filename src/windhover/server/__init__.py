"""The owner of clock and state: one loop, routes, live frames, accounts.

`routes.TABLE` is every route once; the application, the OpenAPI document and the matrix test of roles
are made from it. `core.Core` is the only place that advances the picture, in one thread of its own.
"""
