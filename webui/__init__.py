"""The web application: shows runs, and lets people submit and steer them.

``cli`` starts it, ``app`` puts it together, ``api`` answers requests, ``sharing`` makes files of runs, ``live`` passes
events on as they come, ``guard`` decides who may do what. The client is in ``client`` as source and in ``static`` as
built. All of it reads the ledger and steers runs through the Runner; none of it keeps a truth of its own.
"""
