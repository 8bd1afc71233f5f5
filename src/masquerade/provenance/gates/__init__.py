"""What says no: each gate looks at a request, and nothing is saved that one of them refuses."""
