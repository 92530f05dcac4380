"""Proof: what came in and what was said, kept so that nobody can quietly change it.

`journal` is the chain, `archive` the bulk beside it, `codec` how arrays and states become bytes,
`recorder` what the loop calls, `replay` the same night again, `verify` whether the record holds,
`export` the bundle for others. Read docs/record.md for people, design/record/README.md for reasons.
"""
