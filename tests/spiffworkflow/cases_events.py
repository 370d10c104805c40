"""What SpiffWorkflow's tests expect of events."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.spiffworkflow.drawings import Changes
from tests.spiffworkflow.runner import Case
from tests.spiffworkflow.steps import (
    closed,
    do,
    due,
    ended,
    has,
    lacks,
    later,
    message,
    never,
    not_ended,
    opened,
    passed,
    times,
    waits,
)

TESTS = "bpmn/events/"
FILES = "Test-Workflows/"

SELECT = tuple(
    FILES + name + ".bpmn20.xml"
    for name in ("Test-Workflows", "Messages", "Message-Interrupts", "Message-Non-Interrupt", "Scripts")
)
SELECT_PROCESS = "sid-b0903a88-fe74-4f93-b912-47b815ea8d1c"
LOGGED = "record.log_some_interesting_value(sa_session, choice); record.change_type = choice"
SELECTED = Changes(words={LOGGED: "change_type = choice"})
"""The drawing that is called when “Scripts” is chosen, which no test of theirs does."""

LONG_TASK = "Do Something That Takes A Long Time"

INTERRUPTS = TESTS + "MessageInterruptsTest::"
BESIDE = TESTS + "MessageNonInterruptTest::"
INTERRUPTS_SP = TESTS + "MessageInterruptsSpTest::"
INTERRUPTS_SP_FILE = FILES + "Message-Interrupts-SP.bpmn20.xml"
INTERRUPTS_SP_PROCESS = "sid-607dfa9b-dbfd-41e8-94f8-42ae37f3b824"
BESIDE_SP = TESTS + "MessageNonInterruptsSpTest::"
BESIDE_SP_FILE = FILES + "Message-Non-Interrupt-SP.bpmn20.xml"
BESIDE_SP_PROCESS = "sid-b6b1212d-76ea-4ced-888b-a99fbbbca575"

MESSAGES = [
    Case((TESTS + "MessagesTest::*",), SELECT, SELECT_PROCESS,
         (do("Select Test", choice="Messages"), opened(), waits("Test Message"), message("Wrong Message"), not_ended,
          waits("Test Message"), message("Test Message"), ended), changes=SELECTED),
    Case((INTERRUPTS + "testRunThroughHappy", INTERRUPTS + "testRunThroughHappySaveAndRestore"), SELECT, SELECT_PROCESS,
         (do("Select Test", choice="Message Interrupts"), opened(LONG_TASK), waits("Test Message"), do(LONG_TASK),
          waits(), ended), changes=SELECTED),
    Case((INTERRUPTS + "testRunThroughMessageInterrupt", INTERRUPTS + "testRunThroughMessageInterruptSaveAndRestore"),
         SELECT, SELECT_PROCESS,
         (do("Select Test", choice="Message Interrupts"), message("Test Message"),
          opened("Acknowledge Interrupt Message"), do("Acknowledge Interrupt Message"), ended), changes=SELECTED),
    Case((BESIDE + "testRunThroughHappy", BESIDE + "testRunThroughHappySaveAndRestore"), SELECT, SELECT_PROCESS,
         (do("Select Test", choice="Message Non Interrupt"), opened(LONG_TASK), waits("Test Message"), do(LONG_TASK),
          waits(), ended), changes=SELECTED),
    Case((BESIDE + "testRunThroughMessageInterrupt", BESIDE + "testRunThroughMessageInterruptSaveAndRestore"),
         SELECT, SELECT_PROCESS,
         (do("Select Test", choice="Message Non Interrupt"), message("Test Message"),
          opened(LONG_TASK, "Acknowledge Non-Interrupt Message"), waits("Test Message"),
          do("Acknowledge Non-Interrupt Message"), opened(LONG_TASK), do(LONG_TASK), ended), changes=SELECTED),
    Case((BESIDE + "testRunThroughMessageInterruptOtherOrder",
          BESIDE + "testRunThroughMessageInterruptOtherOrderSaveAndRestore"), SELECT, SELECT_PROCESS,
         (do("Select Test", choice="Message Non Interrupt"), message("Test Message"), do(LONG_TASK),
          opened("Acknowledge Non-Interrupt Message"), do("Acknowledge Non-Interrupt Message"), ended),
         changes=SELECTED),
    Case((INTERRUPTS_SP + "testRunThroughHappySaveAndRestore",), (INTERRUPTS_SP_FILE,), INTERRUPTS_SP_PROCESS,
         (opened("Do Something In a Subprocess"), waits("Test Message"), do("Do Something In a Subprocess"),
          do("Ack Subprocess Done"), ended)),
    Case((INTERRUPTS_SP + "testRunThroughInterruptSaveAndRestore",), (INTERRUPTS_SP_FILE,), INTERRUPTS_SP_PROCESS,
         (message("Test Message"), opened("Acknowledge SP Interrupt Message"), do("Acknowledge SP Interrupt Message"),
          ended)),
    Case((BESIDE_SP + "testRunThroughHappySaveAndRestore",), (BESIDE_SP_FILE,), BESIDE_SP_PROCESS,
         (opened("Do Something In a Subprocess"), do("Do Something In a Subprocess"), waits(),
          do("Ack Subprocess Done"), ended)),
    *(Case((BESIDE_SP + test,), (BESIDE_SP_FILE,), BESIDE_SP_PROCESS,
           (message("Test Message"), *map(do, order), ended))
      for test, order in {
          "testRunThroughMessageSaveAndRestore":
              ("Do Something In a Subprocess", "Ack Subprocess Done", "Acknowledge SP Parallel Message"),
          "testRunThroughMessageOrder2SaveAndRestore":
              ("Do Something In a Subprocess", "Acknowledge SP Parallel Message", "Ack Subprocess Done"),
          "testRunThroughMessageOrder3SaveAndRestore":
              ("Acknowledge SP Parallel Message", "Do Something In a Subprocess", "Ack Subprocess Done"),
      }.items()),
    Case((TESTS + "ReturnToEvent::testEventWaitsAfterLoopback",), ("return_to_event.bpmn",), "return_to_event",
         (waits("Event_10ncvxn"), message("basic_message"), opened("manual"), do("manual", repeat=True), opened(),
          waits("Event_10ncvxn")), given=("repeat",)),
    Case((TESTS + "StartEventSplitTest::*",), ("start_event_split.bpmn",), "main",
         (message("message_1"), passed("start_1"), never("start_2"), opened("any_task"), do("any_task"), ended),
         begins=False),
]  # fmt: skip

GATEWAY = [
    Case((TESTS + "EventBasedGatewayTest::testEventBasedGateway",
          TESTS + "EventBasedGatewayTest::testEventBasedGatewaySaveRestore"), ("event-gateway.bpmn",), "Process_0pvx19v",
         (waits("message_1_event", "message_2_event", "timer_event"), message("message_1"), passed("message_1_event"),
          never("message_2_event", "timer_event"), ended)),
    Case((TESTS + "EventBasedGatewayTest::testTimeout",), ("event-gateway.bpmn",), "Process_0pvx19v",
         (later(seconds=1), passed("timer_event"), never("message_1_event", "message_2_event"), ended)),
]  # fmt: skip

SEVERAL_KINDS = "Events of several kinds at once"
SEVERAL = [
    Case((TESTS + "EventBasedGatewayTest::testMultipleStart", TESTS + "MultipleCatchEventTest::ParallelStartEventTest.*"),
         ("multiple-start-parallel.bpmn",), "main", (opened("any_task"), do("any_task"), ended),
         told=(("start_by_hand", "StartEvent_1"),), differs=(SEVERAL_KINDS,)),
    Case((TESTS + "MultipleCatchEventTest::MultipleStartEventTest.*",), ("multiple-start.bpmn",), "main",
         (opened("any_task"), do("any_task"), ended), told=(("start_by_hand", "StartEvent_1"),),
         differs=(SEVERAL_KINDS,)),
    Case((TESTS + "MultipleThrowEventTest::MultipleThrowEventIntermediateCatchTest.*",), ("multiple-throw.bpmn",),
         "initiate", refused=("several_event_kinds", "Event_0n8a7vh"), differs=(SEVERAL_KINDS,)),
    Case((TESTS + "MultipleThrowEventTest::MultipleThrowEventStartsEventTest.*",), ("multiple-throw-start.bpmn",),
         "initiate", refused=("several_event_kinds", "Event_0n8a7vh"), differs=(SEVERAL_KINDS,)),
]  # fmt: skip

ACTION = TESTS + "ActionManagementTest::"
ACTION_FILE = FILES + "Action-Management.bpmn20.xml"
ACTION_PROCESS = "sid-efb89bb6-299a-4dc4-a50a-4286ec490604"
OVERDUE = "sid-3D825928-1108-4E19-907F-E6B9ADA5BB3B"
CANCEL = "Cancel Action (if necessary)"
DAYS = {
    "start_time": datetime(2026, 3, 3, 9, 0, tzinfo=UTC),
    "finish_time": datetime(2026, 3, 5, 9, 0, tzinfo=UTC),
}
APPROVED = (
    do("Review Action", choice="Approve"),
    opened(CANCEL),
    waits("Start Time"),
    has(script_output="NEW ACTION"),
)
STARTED = (*APPROVED, later(days=1), opened(CANCEL, "Start Work"), waits("Finish Time"), do("Start Work"))

TIMERS = [
    Case((ACTION + "testRunThroughHappy",), (ACTION_FILE,), ACTION_PROCESS,
         (*STARTED, do("Complete Work", choice="Done"), ended), data=DAYS),
    Case((ACTION + "testRunThroughOverdue",), (ACTION_FILE,), ACTION_PROCESS,
         (*STARTED, waits("Finish Time"), later(days=2), waits(), passed(OVERDUE), has(script_output="ACTION OVERDUE"),
          do("Complete Work", choice="Done"), ended), data=DAYS),
    Case((ACTION + "testRunThroughCancel",), (ACTION_FILE,), ACTION_PROCESS,
         (do("Review Action", choice="Cancel"), ended), data=DAYS),
    Case((ACTION + "testRunThroughCancelAfterApproved",), (ACTION_FILE,), ACTION_PROCESS,
         (*APPROVED, do(CANCEL), ended, has(script_output="ACTION CANCELLED")), data=DAYS),
    Case((ACTION + "testRunThroughCancelAfterWorkStarted",), (ACTION_FILE,), ACTION_PROCESS,
         (*STARTED, do(CANCEL), ended, has(script_output="ACTION CANCELLED")), data=DAYS),
    Case((TESTS + "NITimerDurationBoundaryTest::*",), ("timer-non-interrupt-boundary.bpmn",), "NonInterruptTimer",
         (waits("Event_0jyy8ao"), opened("Work Done?"), later(seconds=0.1), opened("Work Done?"), later(seconds=0.1),
          opened("Work Done?", "Delay Reason"), do("Delay Reason", delay_reason="Just Because"),
          do("Work Done?", work_done="Yes"), ended, has(work_done="Yes", delay_reason="Just Because")),
         told=(("deadlock_possible", "Gateway_19fdoel"),)),
    Case((TESTS + "TimerCycleTest::*",), ("timer-cycle.bpmn",), "timer",
         (opened("Get coffee"), waits("CatchMessage"), later(seconds=0.1), times("Refill_Coffee", 1),
          waits("CatchMessage"), later(seconds=0.1), times("Refill_Coffee", 2), waits(), later(seconds=1),
          times("Refill_Coffee", 2), opened("Get coffee")),
         changes=Changes(words={"print('refill count = %d'%custom_function())": "refill_count = refill_count + 1"})),
    Case((TESTS + "TimerCycleStartTest::*",), ("timer-cycle-start.bpmn",), "timer",
         (later(seconds=0.1), times("Refill_Coffee", 1), later(seconds=0.1), times("Refill_Coffee", 2),
          later(seconds=1), times("Refill_Coffee", 2), ended), begins=False,
         changes=Changes(words={"print('refill count = %d'%custom_function())": "refilled = true"}),
         differs=("Timers that begin a case",)),
    Case((TESTS + "TimerDateTest::*",), ("timer-date-start.bpmn",), "date_timer",
         (waits("Wait till date"), not_ended, later(seconds=0.05), ended),
         changes=Changes(words={"futuredate = (datetime.now() + timedelta(seconds=0.05)).isoformat()":
                                'futuredate = now() + duration("PT0.05S")'})),
    Case((TESTS + "TimerDurationBoundaryOnTaskTest::*",), ("boundary_timer_on_task.bpmn",), "test_timer",
         (has(timer_called=False), later(seconds=1), has(timer_called=True), do("Say Anything"), ended)),
    Case((TESTS + "TimerDurationBoundaryTest::*",), ("boundary.bpmn",), "boundary_event",
         (do("ReadyTogo"), opened("Are we there yet?"), later(seconds=0.02), opened("Are we there yet?"),
          later(seconds=0.01), opened("Scream head off"), do("Scream head off"), do("Stop Car"), ended)),
    Case((TESTS + "TimerDurationTest::*",), ("timer.bpmn",), "timer",
         (waits("Take 5"), later(seconds=0.2), not_ended, later(seconds=0.05), ended)),
    Case((TESTS + "TimerIntermediateTest::*",), (FILES + "Timer-Intermediate.bpmn20.xml",),
         "sid-909dfba4-15dd-47b3-b7d4-88330891429a",
         (waits("Due Time"), later(seconds=5), waits("Due Time"), later(seconds=5), waits(), ended),
         data={"due_time": "2026-03-02T09:00:10Z"}),
]  # fmt: skip

DURATION = (TESTS + "TimeDurationParseTest::test_parse_duration",)
LENGTHS = {
    "P1Y6M1DT1H1M1S": "2027-09-03T09:01:01Z",
    "P1Y6M1DT1H1M1.5S": "2027-09-03T09:01:01.500000Z",
    "P1YT1H1M1S": "2027-03-02T10:01:01Z",
    "P1MT1H": "2026-04-02T09:00:00Z",
    "P4W": "2026-03-30T09:00:00Z",
    "P1Y6M1D": "2027-09-03T08:00:00Z",
    "PT1H1M1S": "2026-03-02T10:01:01Z",
    "PT1.5H": "2026-03-02T10:30:00Z",
}
"""Duration -> what it gives from 2 March 2026, 10 o'clock in Rome; months are counted on the calendar there."""
LENIENT = {
    "PT1.5H30S": "2026-03-02T10:30:30Z",
    "PT1,5H30S": "2026-03-02T10:30:30Z",
    "P1W1D": "2026-03-10T09:00:00Z",
}
"""What SpiffWorkflow does not read."""
FORMS = ("Forms of durations",)


def _lasting(text: str, at: str, differs: tuple[str, ...] = ()) -> Case:
    """A timer with that duration is due then."""
    changes = Changes(words={'"PT0.25S"': text})
    return Case(DURATION, ("timer.bpmn",), "timer", (due("Take 5", at),), changes=changes, differs=differs)


def _unreadable(text: str, differs: tuple[str, ...] = ()) -> Case:
    changes = Changes(words={'"PT0.25S"': text})
    asked = ("timer_words", "Event_0bxivgz")
    return Case(DURATION, ("timer.bpmn",), "timer", changes=changes, asked=asked, differs=differs)


DURATIONS = [
    *(_lasting(text, at) for text, at in LENGTHS.items()),
    *(_lasting(text, at, FORMS) for text, at in LENIENT.items()),
    *(_unreadable(text) for text in ("P1H1M1S", "P1DT", "PT1H1M1")),
    *(_unreadable(text, FORMS) for text in ("T1,5H", "PDT1H1M1S", "PYMDT1H1M1S")),
]

ESCALATION = TESTS + "CallActivityEscalationTest::"
ESCALATION_FILES = (
    FILES + "CallActivity-Escalation-Test.bpmn20.xml", FILES + "CallActivity-Escalation-Test-Sub.bpmn20.xml",
)  # fmt: skip
ESCALATION_PROCESS = "CallActivity-Escalation-Test"
GIVEN = Changes(
    words={"'should_escalate' in vars() or 'should_escalate' in globals()": "should_escalate != null"}
)
KINDS = ("specific1_noninterrupting", "specific1_interrupting", "specific2_noninterrupting", "specific2_interrupting",
         "general_noninterrupting", "general_interrupting")  # fmt: skip


def _ends(**reached: str) -> tuple[str, ...]:
    """The end events with these endings, by kind."""
    return tuple(
        f"EndEvent_{kind}_{ending}" for kind, endings in reached.items() for ending in endings.split()
    )


_EVERY = (
    *_ends(**dict.fromkeys(KINDS, "normal escalated")),
    *_ends(specific2_noninterrupting="missingvariable", specific2_interrupting="missingvariable"),
)
_ESCALATED = _ends(
    specific1_noninterrupting="normal escalated", specific1_interrupting="escalated",
    specific2_noninterrupting="normal escalated", specific2_interrupting="escalated",
    general_noninterrupting="normal escalated", general_interrupting="escalated",
)  # fmt: skip
_NORMAL = _ends(**dict.fromkeys(KINDS, "normal"))
_MISSING = _ends(
    specific1_noninterrupting="normal", specific1_interrupting="normal",
    specific2_noninterrupting="normal missingvariable", specific2_interrupting="missingvariable",
    general_noninterrupting="normal escalated", general_interrupting="escalated",
)  # fmt: skip

FAULTS = [
    *(Case((ESCALATION + test,), ESCALATION_FILES, ESCALATION_PROCESS,
           (ended, passed(*reached), never(*sorted(set(_EVERY) - set(reached)))), data=data, changes=GIVEN)
      for test, data, reached in (
          ("testShouldEscalate", {"should_escalate": True}, _ESCALATED),
          ("testShouldNotEscalate", {"should_escalate": False}, _NORMAL),
          ("testMissingVariable", {}, _MISSING),
      )),
    Case((TESTS + "UncaughtEscalationTest::*",), ("uncaught_escalation.bpmn",), "top_level", (ended,)),
    Case((TESTS + "CancelBoundaryEventTest::*",), ("invalid_cancel.bpmn",), "Process_1dagb7t",
         refused=("cancel_boundary_place", "Event_TokenReset")),
]  # fmt: skip

TRANSACTION = TESTS + "TransactionSubprocssTest::"
PRINTED = Changes(words={'print(f"Value: {value} / Quantity {quantity}")': "printed = value"})
TRANSACTIONS = [
    Case((TRANSACTION + "testNormalCompletion",), ("transaction.bpmn",), "Main_Process",
         (do("Get Data", value="asdf"), do("Get Quantity", quantity=2), ended, has(value="asdf"),
          passed("Activity_Print_Data"), never("Catch_Cancel_Event", "Catch_Error_1", "Catch_Error_None")),
         changes=PRINTED),
    Case((TRANSACTION + "testSubworkflowCancelEvent",), ("transaction.bpmn",), "Main_Process",
         (do("Get Data", value=""), ended, passed("Cancel_Action"),
          never("Catch_Error_1", "Catch_Error_None", "Activity_Print_Data")),
         changes=PRINTED, differs=("Variables belong to the scope",)),
    Case((TRANSACTION + "testSubworkflowErrorCodeNone",), ("transaction.bpmn",), "Main_Process",
         (do("Get Data", value="asdf"), do("Get Quantity", quantity=0), ended, passed("Catch_Error_None"),
          never("Catch_Error_1", "Catch_Cancel_Event", "Activity_Print_Data")),
         changes=PRINTED),
    Case((TRANSACTION + "testSubworkflowErrorCodeOne",), ("transaction.bpmn",), "Main_Process",
         (do("Get Data", value="asdf"), do("Get Quantity", quantity=-1), ended, passed("Catch_Error_1"),
          never("Catch_Error_None", "Activity_Print_Data")),
         changes=PRINTED, differs=("An error is caught once",)),
]  # fmt: skip

OTHERS = [
    Case((TESTS + "EventSubprocessTest::*",), ("event-subprocess.bpmn",), "main",
         (do("set_data", v1=True, v2=False), opened("task"), has(v1=True, v2=False), do("task"), ended)),
    Case((TESTS + "ConditionalEventTest::testIntermediateEvent",), ("conditional_event.bpmn",), "intermediate",
         (do("B"), waits("event_1"), do("A", task_a_done=True), waits(), ended),
         told=(("data_documentation", "task_a"),)),
    Case((TESTS + "ConditionalEventTest::testBoundaryEvent",), ("conditional_event.bpmn",), "boundary",
         (waits("event_2"), do("C", task_c_done=True), passed("event_2"), closed("D"), ended, lacks("task_d_done")),
         told=(("data_documentation", "task_c"),)),
]  # fmt: skip

CASES = [*MESSAGES, *GATEWAY, *SEVERAL, *TIMERS, *DURATIONS, *FAULTS, *TRANSACTIONS, *OTHERS]
