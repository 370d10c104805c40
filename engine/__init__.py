"""The mechanism: runs BPMN diagrams as cases and has never heard of a lead."""
