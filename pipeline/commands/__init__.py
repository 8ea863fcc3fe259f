"""The verbs of ``sitesweep``, one per module; `analysis.__main__` is one more, ``report``.

A verb parses its command line, calls the packages below, and prints.
"""
