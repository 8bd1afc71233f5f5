"""Networks that were trained here: their files, their sizes, their graphs, without PyTorch."""
