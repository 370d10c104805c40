"""What is said about how a diagram is drawn; the codes are those of bpmnlint's rules."""

from __future__ import annotations

from collections.abc import Mapping

STYLE: Mapping[str, tuple[str, str]] = {
    "style_ad_hoc_sub_process": (
        "“{what}” begins or ends an ad-hoc sub-process, whose steps have no order.",
        "Remove the start and end events in it.",
    ),
    "style_conditional_flows": (
        "The arrow “{what}” has no condition, although others beside it have one.",
        "Give every arrow behind the gateway a condition, or make one of them the default.",
    ),
    "style_end_event_required": (
        "“{what}” has no end event.",
        "Draw where it ends, so that nobody has to guess.",
    ),
    "style_event_based_gateway": (
        "“{what}” is no choice between events: it needs two arrows or more, without conditions.",
        "Draw an arrow for each event, or leave the gateway out.",
    ),
    "style_event_sub_process_typed_start_event": (
        "“{what}” starts an event sub-process, but does not say on what.",
        "Make it a message, timer, signal, error, escalation or conditional event.",
    ),
    "style_fake_join": (
        "Several arrows lead into “{what}” as if they joined; it is done once for each of them.",
        "Draw a gateway before it that brings the ways together.",
    ),
    "style_global": (
        "“{what}”, declared for the whole file, has no name, is used nowhere, or is called like another one.",
        "Give it a name of its own, or remove it.",
    ),
    "style_label_required": (
        "“{what}” has no name.",
        "Name tasks with a verb and a noun, events by what has happened, gateways with a question.",
    ),
    "style_link_event": (
        "The link “{what}” has no name, or no other end in the same process.",
        "Give both ends of a link the same name.",
    ),
    "style_no_bpmndi": (
        "“{what}” is in the file, but has no place in the picture.",
        "Open the drawing in an editor, and place it or delete it.",
    ),
    "style_no_complex_gateway": (
        "“{what}” is a complex gateway, which hardly anybody can read.",
        "Draw it with exclusive, parallel or inclusive gateways.",
    ),
    "style_no_disconnected": (
        "“{what}” is not connected with anything.",
        "Connect it, or delete it.",
    ),
    "style_no_duplicate_sequence_flows": (
        "“{what}” has two arrows between the same two elements.",
        "Delete one of them.",
    ),
    "style_no_gateway_join_fork": (
        "“{what}” brings ways together and splits them at once.",
        "Draw one gateway that joins and another one that splits.",
    ),
    "style_no_implicit_split": (
        "Several ways leave “{what}” without a gateway.",
        "Draw the gateway that says whether one of them is taken or all.",
    ),
    "style_no_implicit_end": (
        "The way stops at “{what}” without an end event.",
        "Draw an end event behind it.",
    ),
    "style_no_implicit_start": (
        "“{what}” begins a way without a start event.",
        "Draw a start event before it, or connect it.",
    ),
    "style_no_inclusive_gateway": (
        "“{what}” is an inclusive gateway, which is easily misread.",
        "Draw it with exclusive and parallel gateways where that says the same.",
    ),
    "style_no_overlapping_elements": (
        "“{what}” covers another element, or reaches over the border of what it lies in.",
        "Move it, or make it smaller.",
    ),
    "style_single_blank_start_event": (
        "“{what}” has more than one plain start event.",
        "Keep one, with a gateway behind it, or say by a message or a time what starts the others.",
    ),
    "style_single_event_definition": (
        "“{what}” waits for several kinds of things in one event.",
        "Draw an event for each.",
    ),
    "style_start_event_required": (
        "“{what}” has no start event.",
        "Draw where it begins, so that nobody has to guess.",
    ),
    "style_sub_process_blank_start_event": (
        "“{what}” starts a sub-process, which cannot wait for anything to begin.",
        "Make it a plain start event.",
    ),
    "style_superfluous_gateway": (
        "The gateway “{what}” has one way in and one way out: it does nothing.",
        "Remove it.",
    ),
    "style_superfluous_label": (
        "The label of the arrow “{what}” says nothing that is not clear without it.",
        "Remove the label; only arrows behind a choice need one.",
    ),
    "style_superfluous_termination": (
        "“{what}” ends everything, though nothing else can be going on.",
        "Make it a plain end event.",
    ),
    "style_not_installed": (
        "The modelling style cannot be looked at: the package bpmn-io is not installed.",
        "Install it with: pip install 'percorso[style]'",
    ),
    "style_too_big": (
        "The drawing has more than {most} parts: its modelling style is not looked at.",
        "Split it into several processes.",
    ),
    "style_failed": (
        "The modelling style of this drawing could not be looked at ({problem}).",
        "It has no bearing on whether the drawing runs.",
    ),
}
"""Code -> (message, remedy), as in engine.diagrams.sentences; all of them are of the severity `style`."""
