"""What SpiffWorkflow's tests expect of activities, calls, instances, loops and data."""

from __future__ import annotations

from tests.spiffworkflow.drawings import Changes
from tests.spiffworkflow.runner import Case
from tests.spiffworkflow.steps import (
    do,
    do_each,
    do_one,
    ended,
    has,
    in_order,
    lacks,
    later,
    message,
    not_ended,
    opened,
    passed,
    times,
    waits,
)

UNSAID = "What a drawing leaves out"
APPROVALS = ("Approvals.bpmn",)
TWO_WAYS = (
    ("several_ways_out", "First_Approval_Wins.Start2"),
    ("several_ways_out", "Parallel_Approvals_SP.Start3"),
)

CALL_FILES = ("call_activity_end_event.bpmn", "call_activity_call_activity.bpmn")
CALLED = Changes(words={
    "my_var = 'World' my_other_var = 'Mike' del(remove_this_var)": 'my_var = "World"\nmy_other_var = "Mike"',
    "print(pre_var) print(my_var) print(my_other_var)": "printed = true",
    "pre_var = 'some string' remove_this_var = 'something else'": 'pre_var = "some string"',
})  # fmt: skip

NESTED = tuple(
    f"Test-Workflows/Nested-{name}.bpmn20.xml" for name in ("Subprocesses", "Sub-level1", "Sub-level2")
)

SCOPES = [
    Case(("bpmn/ApprovalsTest::testRunThroughHappy", "bpmn/ApprovalsTest::testSaveRestore",
          "bpmn/ApprovalsTest::testSaveRestoreWaiting"), APPROVALS, "Approvals",
         (do("First_Approval_Wins.Manager_Approval"), opened("First Approval Wins Done"),
          do("First Approval Wins Done"), do("Manager Approval (P)"), do("Supervisor Approval (P)"),
          do("Parallel Approvals Done"), do("Parallel_Approvals_SP.Step1"), do("Parallel_Approvals_SP.Manager_Approval"),
          do("Parallel_Approvals_SP.Supervisor_Approval"), do("Parallel SP Done"), ended), told=TWO_WAYS),
    Case(("bpmn/ApprovalsTest::testRunThroughHappyOtherOrders",), APPROVALS, "Approvals",
         (do("First_Approval_Wins.Supervisor_Approval"), opened("First Approval Wins Done"),
          do("First Approval Wins Done"), do("Supervisor Approval (P)"), do("Manager Approval (P)"),
          do("Parallel Approvals Done"), do("Parallel_Approvals_SP.Manager_Approval"), do("Parallel_Approvals_SP.Step1"),
          do("Parallel_Approvals_SP.Supervisor_Approval"), do("Parallel SP Done"), ended), told=TWO_WAYS),
    Case(("bpmn/NestedProcessesTest::testRunThroughHappy",), NESTED, "sid-a12cf1e5-86f4-4d69-9790-6a90342f5963",
         (opened("Action1"), do("Action1"), opened("Action2"), do("Action2"), opened("Action3"), do("Action3"), ended)),
    Case(("bpmn/SwimLaneTest::testRunThroughHappy",), ("lanes.bpmn",), "lanes",
         (opened("Request Feature"), do("Request Feature"), opened("Clarifying Questions?"),
          do("Clarifying Questions?", NeedClarification=False), opened("Implement Feature"), do("Implement Feature"),
          opened("Send to testing"), do("Send to testing"), opened("SubProcessTask"))),
    Case(("camunda/SubWorkflowTest::*",), ("subWorkflowComplex.bpmn",), "SubWorkflow",
         (do("FormA", FieldA="A"), do("Form A1", FieldA1="A1"), do("Form A2", FieldA2="A2"), do("FormB", FieldB="B"),
          ended, has(FieldA="A", FieldA1="A1", FieldA2="A2", FieldB="B"))),
    Case(("bpmn/CallActivityTest::test_data_persists_through_call_activity",
          "bpmn/CallActivityTest::test_call_activity_has_same_script_engine",
          "bpmn/CallActivityTest::test_order_of_tasks_in_get_task_is_call_acitivty_task_first_then_sub_tasks"),
         CALL_FILES, "Process_8200379",
         (ended, has(pre_var="some string", my_var="World", my_other_var="Mike"), passed("Sub_Bpmn_Task")),
         changes=CALLED),
    Case(("bpmn/CallActivityTest::test_call_activity_missing_subprocess_sets_task_error_state",),
         ("call_activity_end_event.bpmn",), "Process_8200379",
         changes=Changes(words={key: text for key, text in CALLED.words.items() if "my_other_var =" not in key}),
         steps=(opened("Get Data Call Activity"), do("Get Data Call Activity", my_var="World", my_other_var="Mike"),
                ended, has(pre_var="some string", my_var="World")),
         told=(("call_handed_over", "Activity_Call_Activity"),), differs=(UNSAID,)),
]  # fmt: skip

LONG_TASK, ACKNOWLEDGED = "Do Something for a While", "Ack Subprocess Done"
REFUSED = [
    Case(("bpmn/InvalidWorkflowsTest::testNoStartEvent",), ("Invalid-Workflows/No-Start-Event.bpmn20.xml",),
         "sid-669ddebf-4196-41ee-8b04-bcc90bc5f983",
         (*in_order(LONG_TASK, ACKNOWLEDGED), ended),
         told=(("start_made", "sid-669ddebf-4196-41ee-8b04-bcc90bc5f983"),), differs=(UNSAID,)),
    Case(("bpmn/InvalidWorkflowsTest::testCallActivityNotFound",),
         ("Invalid-Workflows/Subprocess-Not-Found.bpmn20.xml",), "sid-cdd16263-1c9c-4a7e-90cb-3033d63b6fc4",
         (*in_order("Subprocess for Subprocess Not Found", ACKNOWLEDGED), ended),
         told=(("call_handed_over", "sid-617B0E1F-42DB-4D40-9B4C-ED631BF6E43A"),), differs=(UNSAID,)),
    Case(("bpmn/InvalidWorkflowsTest::testUnsupportedTask",), ("Invalid-Workflows/Unsupported-Task.bpmn20.xml",),
         "sid-00c10a31-5eb4-4f6c-a3eb-3664035ca9a7",
         (*in_order(LONG_TASK, ACKNOWLEDGED, "Business Rule Task"), ended),
         told=(("rule_handed_over", "sid-75EEAB28-3B69-4282-B91A-0F3C97931834"),), differs=(UNSAID,)),
]  # fmt: skip

ITEMS = [1, 2, 3]
BOTH = ("bpmn/ParallelMultiInstanceTest::Parallel", "bpmn/SequentialMultiInstanceTest::Sequential")


def _instances(
    parallel: bool, tests: str, more: tuple[str, ...], changes: Changes, **expected: list[int]
) -> Case:
    """Each task gives twice its item; together they give the list."""
    prefix = BOTH[0 if parallel else 1]
    kind = "parallel" if parallel else "sequential"
    steps = []
    for number, item in enumerate(ITEMS):
        steps += [
            opened(*["any_task"] * (3 - number if parallel else 1)),
            do_one("any_task", output_item=item * 2),
        ]
    return Case(
        tuple(prefix + tests + one for one in more), (f"{kind}_multiinstance_loop_input.bpmn",), "main",
        (*steps, ended, has(**expected)), data={"input_data": ITEMS}, changes=changes,
    )  # fmt: skip


def _stopped(
    parallel: bool, condition: str, done: int, result: list[int | None], differs: tuple[str, ...]
) -> Case:
    """Instances until the condition holds after one of them."""
    kind = "parallel" if parallel else "sequential"
    # The parallel instance that ends is their second one: the engine hands out the first that is open.
    return Case(
        (BOTH[0 if parallel else 1] + "MultiInstanceNewOutputTest.testCondition",),
        (f"{kind}_multiinstance_loop_input.bpmn",), "main",
        (*(do_one("any_task", output_item=item * 2) for item in ITEMS[:done]), ended, has(output_data=result)),
        data={"input_data": ITEMS},
        changes=Changes(inside={"multiInstanceLoopCharacteristics":
                                f"<completionCondition>{condition}</completionCondition>"}),
        differs=differs,
    )  # fmt: skip


IN_PLACE = Changes(words={"output_data": "input_data"})
NEW, UPDATE = "MultiInstanceNewOutputTest.", "MultiInstanceUpdateInputTest."
INDEX = "An entry variable without a list"
INSTANCES = [
    *(case for parallel in (True, False) for case in (
        _instances(parallel, NEW, ("testList", "testListSaveRestore"), Changes(), output_data=[2, 4, 6]),
        _instances(parallel, UPDATE, ("testList",), IN_PLACE, input_data=[2, 4, 6]),
    )),
    *(Case((prefix + NEW + "testEmptyCollection",), (f"{kind}_multiinstance_loop_input.bpmn",), "main",
           (ended, has(input_data=[], output_data=[])), data={"input_data": []})
      for prefix, kind in zip(BOTH, ("parallel", "sequential"), strict=True)),
    _stopped(True, "input_item = 1", 1, [2, None, None], ("Results of instances that were not done",)),
    _stopped(False, "input_item = 2", 2, [2, 4, None], ("Results of instances that were not done",)),
    *(Case((prefix + "MultiInstanceWithCardinality.*",), (f"{kind}_multiinstance_cardinality.bpmn",), "main",
           refused=("multi_instance_item", "any_task"), differs=(INDEX,))
      for prefix, kind in zip(BOTH, ("parallel", "sequential"), strict=True)),
    Case(("bpmn/ParallelMultiInstanceTest::testInvalidBpmn",), ("parallel_multiinstance_invalid.bpmn",), "main",
         (opened(*["any_task"] * 2), *do_each("any_task", "output_item", lambda item: item * 2, [1, 2]), ended,
          has(output_data=[2, 4])), data={"input_data": [1, 2]}, told=(("multi_instance_both", "any_task"),),
         differs=(UNSAID,)),
    *(Case((file + "MultiInstanceExistingOutputTest.testNonEmptyOutput",), (f"{kind}_multiinstance_loop_input.bpmn",),
           "main", (*(do_one("any_task", output_item=item) for item in (4, 5, 6)), ended, has(output_data=[4, 5, 6])),
           data={"input_data": ITEMS, "output_data": ITEMS}, differs=("A list of results that is there already",))
      for file, kind in (("bpmn/ParallelMultiInstanceTest::Parallell", "parallel"),
                         ("bpmn/SequentialMultiInstanceTest::Sequential", "sequential"))),
    Case(("camunda/ParseMultiInstanceTest::testCollection",), ("parallel_multiinstance_collection.bpmn",), "main",
         (opened(*["any_task"] * 3), *(do_one("any_task", input_item=item * 2) for item in ITEMS), ended,
          has(input_data=ITEMS)), data={"input_data": ITEMS}, differs=("A Camunda list is not changed in place",)),
    Case(("camunda/ParseMultiInstanceTest::testCollectionInCardinality",
          "camunda/ParseMultiInstanceTest::testIntegerCardinality"),
         ("parallel_multiinstance_cardinality.bpmn",), "main",
         (opened(*["any_task"] * 2), *do_each("any_task", "output_item", lambda item: item * 2, [1, 2]), ended,
          has(output_data=[1, 2])), data={"input_data": 3, "output_data": [1, 2]},
         told=(("multi_instance_both", "any_task"),), differs=("A Camunda list is not changed in place",)),
]  # fmt: skip

LOOPS = [
    Case(("bpmn/StandardLoopTest::testLoopMaximum",), ("standard_loop.bpmn",), "main",
         (do("any_task"), do("any_task"), opened("any_task"), do("any_task"), times("any_task", 3), ended),
         data={"done": False}),
    Case(("bpmn/StandardLoopTest::testLoopCondition",), ("standard_loop.bpmn",), "main",
         (do("any_task", done=True), ended), data={"done": False}),
    Case(("bpmn/StandardLoopTest::testSkipLoop",), ("standard_loop.bpmn",), "main", (ended, times("any_task", 0)),
         data={"done": True}),
    Case(("bpmn/StandardLoopTest::testParseStandardLoop",), ("standard_loop_invalid.bpmn",), "main",
         asked=("loop_marker", "any_task")),
]  # fmt: skip

ASSOCIATIONS = "Data associations"
NOTHING_DONE = Changes(words={"True": "done = true"})
DATA = [
    Case(("bpmn/DataObjectTest::DataObjectReferenceTest.*",), ("data_object.bpmn",), "Process",
         (do("Generate Data", obj_1="hello"), do("Task"), has(obj_1="hello"), do("Read Data"), opened("placeholder"),
          do("placeholder", obj_1="hello again"), ended, has(obj_1="hello again")),
         told=(("data_documentation", "generate_data"), ("data_documentation", "read_data")), differs=(ASSOCIATIONS,)),
    Case(("bpmn/DataObjectTest::DataObjectGatewayTest.testExpression",), ("data_object_gateway.bpmn",), "main",
         (do("set_data", val=True), passed("yes"), ended), given=("val",),
         told=(("data_documentation", "set_data"),), differs=(ASSOCIATIONS,)),
    Case(("bpmn/IOSpecTest::IOSpecOnTaskTest.*",), ("io_spec_on_task.bpmn",), "main",
         (do("Any Task", out_1=1, extra=True), ended, has(in_1=1, in_2="hello world", out_1=1, extra=True)),
         changes=Changes(words={'in_1, in_2, unused = 1, "hello world", True':
                                'in_1 = 1\nin_2 = "hello world"\nunused = true'}), differs=(ASSOCIATIONS,)),
    Case(("bpmn/DataStoreReferenceTest::testCan*",), ("data_store.bpmn",), "JustDataStoreRef", (ended, has(x="Sue")),
         changes=NOTHING_DONE, told=(("data_documentation", "Activity_1skgyn9"),)),
    Case(("bpmn/DataStoreReferenceTest::testSeparate*",), ("data_store_write.bpmn", "data_store_read.bpmn"),
         "JustDataStoreRef", (ended, lacks("variableTiedToDataStore")), changes=NOTHING_DONE, differs=(ASSOCIATIONS,)),
]  # fmt: skip

POOLS = "Pools are cases of their own"
SCOPE = "Variables belong to the scope"
BRINGS = "What a message brings"
EXTENSIONS = "Extensions of SpiffWorkflow"
CONVERSATIONS = [
    Case(("bpmn/CollaborationTest::testBpmnMessage",), ("collaboration.bpmn",), "process_buddy",
         (waits("receive Letter"), message("Love Letter Response", from_name="Peggy", other_nonsense=1001), ended,
          has(lover_name="Peggy", other_nonsense=1001), lacks("from_name")), data={"lover_name": "Peggy"}, differs=(BRINGS,)),
    Case(("camunda/MessageBoundaryEventTest::*",), ("MessageBoundary.bpmn",), "Process_1kjyavs",
         (opened("Interrupt Work?", "Do Work"), do("Interrupt Work?", interrupt_task="No"), do("Do Work"),
          waits("StopIt!", "Take Break"), later(seconds=0.01), opened("Interrupt Work?", "Do Work"),
          do("Interrupt Work?", interrupt_task="Yes"), ended), beside=("Process_0srqcj1",), differs=(POOLS,)),
    Case(("camunda/NIMessageBoundaryTest::*",), ("noninterrupting-MessageBoundary.bpmn",), "Process_1k0py56",
         (do("Is work Late?", flag_task="No"), do("Do Work", work_done="No"), do("Is work Late?", flag_task="Yes"),
          opened("Do Work", "Why was the work Late?"), do("Why was the work Late?", work_late_reason="covid-19"),
          do("Do Work", work_done="Yes"), do("What work was completed?", work_completed="Lots of Stuff"), ended,
          has(work_done="Yes", work_completed="Lots of Stuff", work_late_reason="covid-19")),
         beside=("Process_1kjyavs",), told=(("deadlock_possible", "Gateway_0mlgg9d"),), differs=(POOLS,)),
    Case(("camunda/ExternalMessageBoundaryEventTest::*",), ("external_message.bpmn",), "Process_1iggtmi",
         (opened("Meaningless User Task"), has(caughtinterrupt=False), message("Interrupt", payload="SomethingImportant"),
          opened("Meaningless User Task", "Pause"), has(caughtinterrupt=True), do("Pause"),
          message("reset", payload="SomethingDrastic"), opened("Meaningless User Task"), has(caughtinterrupt=False),
          lacks("payload"), not_ended), differs=(SCOPE, BRINGS)),
    Case(("spiff/EventPayloadTest::testSignalEvent",), ("signal_event_payload.bpmn",), "event_test",
         (waits("Catch"), do("Set Data", v1=1, v2=2, v3=3), ended, has(v1=1, v2=2, v3=3)), differs=(EXTENSIONS,)),
    Case(("spiff/EventPayloadTest::testErrorEvent",), ("error_event_payload.bpmn",), "event_test",
         (do("Set Data", error=True, payload="ERROR!"), passed("catch"), ended), given=("error",), differs=(EXTENSIONS,)),
    Case(("spiff/EventPayloadTest::testEscalationEvent",), ("escalation_event_payload.bpmn",), "event_test",
         (do("Set Data", escalation=True, payload="ERROR!"), passed("catch"), ended), given=("escalation",), differs=(EXTENSIONS,)),
]  # fmt: skip

CASES = [*SCOPES, *REFUSED, *INSTANCES, *LOOPS, *DATA, *CONVERSATIONS]
