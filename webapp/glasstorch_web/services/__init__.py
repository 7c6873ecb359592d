"""What the site does, without HTTP: exercises, submissions, workers."""
