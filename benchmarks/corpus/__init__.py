"""What becomes of a folder of BPMN files: each is checked, deployed and run in limited processes."""
