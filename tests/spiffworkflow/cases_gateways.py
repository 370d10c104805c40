"""What SpiffWorkflow's tests expect of gateways and joins."""

from __future__ import annotations

from tests.spiffworkflow.drawings import Changes
from tests.spiffworkflow.runner import Case
from tests.spiffworkflow.steps import (
    begin,
    closed,
    do,
    do_one,
    ended,
    fails,
    has,
    in_order,
    never,
    opened,
    passed,
)

TESTS = "bpmn/parallel_gateway_tests/"
FILES = "Test-Workflows/"

ONE_TO_TWELVE = range(1, 13)

LONG = TESTS + "ParallelJoinLongTest::"
LONG_FILE, LONG_PROCESS = FILES + "Parallel-Join-Long.bpmn20.xml", "sid-9274d78f-68da-4da6-a369-8a64feb3de52"
INCLUSIVE = TESTS + "ParallelJoinLongInclusiveTest::"
INCLUSIVE_FILE = FILES + "Parallel-Join-Long-Inclusive.bpmn20.xml"
INCLUSIVE_PROCESS = "sid-bae04828-c969-4480-8cfe-09ad1f97d81c"

LOOPING = TESTS + "ParallelLoopingAfterJoinTest::"
LOOPING_FILE = FILES + "Parallel-Looping-After-Join.bpmn20.xml"
LOOPING_PROCESS = "sid-41eb2b6c-08bc-4a61-b38b-5f32052139c5"
ROUND = ("Go", "1", "2", "2A", "2B", "2 Done")

MANY = TESTS + "ParallelManyThreadsAtSamePointTest::"
MANY_FILE = FILES + "Parallel-Many-Threads-At-Same-Point.bpmn20.xml"
MANY_PROCESS = "sid-6d1186e0-fc1f-43d5-bdb4-c49df043944d"

BOTH = TESTS + "ParallelMultipleSplitsAndJoinsTest::"
BOTH_FILE = FILES + "Parallel-Multiple-Splits-And-Joins.bpmn20.xml"
BOTH_PROCESS = "sid-a90fa1f1-32a9-4a62-8ad4-8820a3fc6cc4"

ENDS = TESTS + "ParallelOnePathEndsTest::"
ENDS_FILE = FILES + "Parallel-One-Path-Ends.bpmn20.xml"
ENDS_PROCESS = "sid-33b2dda8-ca46-47ca-9f08-43de73abde9e"

SAME = TESTS + "ParallelThroughSameTaskTest::"
SAME_FILE = FILES + "Parallel-Through-Same-Task.bpmn20.xml"
SAME_PROCESS = "sid-57c563e3-fb68-4961-ae34-b6201e0c09e8"

THEN = TESTS + "ParallelThenExclusiveTest::"
THEN_DRAWINGS = (
    (FILES + "Parallel-Then-Exclusive.bpmn20.xml", "sid-bb9ea2d5-58b6-43c7-8e77-6e28f71106f0"),
    (FILES + "Parallel-Then-Exclusive-No-Inclusive.bpmn20.xml", "sid-900d26c9-beab-47a4-8092-4284bfb39927"),
)  # fmt: skip
"""The same tests for two drawings: one joins by an inclusive gateway, one by two others."""

SUMS = Changes(words={"v += 1": "v = v + 1", "u += v": "u = u + v", "w += v": "w = w + v"})


def _threads(*numbers: int) -> tuple[str, ...]:
    """Their twelve tasks of each of these threads, in turn."""
    return tuple(f"Thread {number} - Task {one}" for one in ONE_TO_TWELVE for number in numbers)


PARALLEL = [
    Case(
        (TESTS + "ParallelGatewayTest::testRunThroughParallelTaskFirst",
         TESTS + "ParallelGatewayTest::testAllParallelDataMakesItIntoGatewayTask"),
        (FILES + "Parallel.camunda.bpmn20.xml",), "Process_1hb021r",
        (opened("First Task"), do("First Task"),
         opened("Parallel Task A", "Parallel Task B", "Parallel Task C"),
         do("Parallel Task A", taskA="taskA"), do("Parallel Task B", taskB="taskB"), closed("Last Task"),
         do("Parallel Task C", taskC="taskC"), opened("Last Task"), do("Last Task"),
         has(taskA="taskA", taskB="taskB", taskC="taskC"), ended),
    ),
    Case((LONG + "testRunThroughAlternating",), (LONG_FILE,), LONG_PROCESS,
         (opened("Thread 1 - Choose", "Thread 2 - Choose"),
          *in_order(("Thread 1 - Choose", "Yes"), ("Thread 2 - Choose", "Yes"), *_threads(1, 2), "Done"), ended)),
    Case((LONG + "testRunThroughThread1First",), (LONG_FILE,), LONG_PROCESS,
         (*in_order(("Thread 1 - Choose", "Yes"), *_threads(1), "!Done"), opened("Thread 2 - Choose"),
          *in_order(("Thread 2 - Choose", "Yes"), *_threads(2), "Done"), ended)),
    Case((LOOPING + "test1",), (LOOPING_FILE,), LOOPING_PROCESS,
         (*in_order(*ROUND, ("Retry?", "No"), "Done"), ended)),
    Case((LOOPING + "test2",), (LOOPING_FILE,), LOOPING_PROCESS,
         (*in_order(*ROUND, ("Retry?", "Yes"), *ROUND, ("Retry?", "No"), "Done"), ended)),
    Case((MANY + "test1",), (MANY_FILE,), MANY_PROCESS, (*in_order(*"1234", *["Done"] * 4), ended)),
    Case((MANY + "test2",), (MANY_FILE,), MANY_PROCESS,
         (*in_order("1", "Done", "2", "Done", "3", "Done", "4", "Done"), ended)),
    Case((MANY + "test3",), (MANY_FILE,), MANY_PROCESS,
         (*in_order("1", "2", "Done", "3", "4", "Done", "Done", "Done"), ended)),
    Case((BOTH + "test1",), (BOTH_FILE,), BOTH_PROCESS,
         (*in_order("1", "!Done", "2", "1A", "!Done", "2A", "1B", "2B", "!Done", "1 Done", "!Done", "2 Done", "Done"),
          ended)),
    Case((BOTH + "test2",), (BOTH_FILE,), BOTH_PROCESS,
         (*in_order("1", "!Done", "1A", "1B", "1 Done", "!Done", "2", "2A", "2B", "2 Done", "Done"), ended)),
    Case((BOTH + "test3",), (BOTH_FILE,), BOTH_PROCESS,
         (*in_order("1", "2", "!Done", "1B", "2B", "!2 Done", "1A", "!Done", "2A", "1 Done", "!Done", "2 Done", "Done"),
          ended)),
    Case((BOTH + "test4",), (BOTH_FILE,), BOTH_PROCESS,
         (*in_order("1", "1B", "1A", "1 Done", "!Done", "2", "2B", "2A", "2 Done", "Done"), ended)),
    Case((TESTS + "ParallelMultipleSplitsTest::testRunThroughAlternating",),
         (FILES + "Parallel-Multiple-Splits.bpmn20.xml",), "sid-0f63def9-833d-4bcd-a6c4-8ef84a098b1a",
         (*in_order("Do First", *((f"SP {one} - Choose", "Yes") for one in (1, 2, 3)),
                    *(f"SP {one} - Yes Task" for one in (1, 2, 3)), "Done"), ended)),
    Case((TESTS + "ParallelOrderTest::testRunThroughHappy",), ("ParallelOrder.bpmn",), "ParallelOrder",
         (opened("Task 1", "Task 2", "Task 3", "Task 4"),)),
    Case((TESTS + "ParallelGatewayLoopInputTest::test_loop_input",), ("gateway_loop_input.bpmn",), "main",
         changes=Changes(words={"x += 1": "x = x + 1"}), refused=("deadlock", "parallel"),
         differs=("A parallel join into which a loop leads back",)),
]  # fmt: skip

INCLUSIVE_JOINS = [
    Case((INCLUSIVE + "testRunThroughThread1FirstThenNo",), (INCLUSIVE_FILE,), INCLUSIVE_PROCESS,
         (opened("Thread 1 - Choose", "Thread 2 - Choose"),
          *in_order(("Thread 1 - Choose", "Yes"), *_threads(1), "!Done", ("Thread 2 - Choose", "No"), "Done",
                    "Thread 2 - No Task"), ended)),
    Case((INCLUSIVE + "testNoFirstThenThread1",), (INCLUSIVE_FILE,), INCLUSIVE_PROCESS,
         (*in_order(("Thread 2 - Choose", "No"), ("Thread 1 - Choose", "Yes"), *_threads(1), "Done",
                    "Thread 2 - No Task"), ended)),
    Case((ENDS + "testRunThroughParallelTaskFirst",), (ENDS_FILE,), ENDS_PROCESS,
         (*in_order("Parallel Task", "!Done", ("Choice 1", "No"), "Done"), ended)),
    Case((ENDS + "testRunThroughChoiceFirst",), (ENDS_FILE,), ENDS_PROCESS,
         (*in_order(("Choice 1", "No"), "!Done", "Parallel Task", "Done"), ended)),
    Case((ENDS + "testRunThroughParallelTaskFirstYes",), (ENDS_FILE,), ENDS_PROCESS,
         (*in_order("Parallel Task", "!Done", ("Choice 1", "Yes"), "!Done", "Yes Task", "Done"), ended)),
    Case((SAME + "testRunThroughFirstRepeatTaskFirst",), (SAME_FILE,), SAME_PROCESS,
         (*in_order("Repeated Task", "Done", ("Choice 1", "Yes"), "Yes Task", "!Done", "Repeated Task", "Done"), ended)),
    Case((SAME + "testRepeatTasksReadyTogether", SAME + "testRepeatTasksReadyTogetherSaveRestore"),
         (SAME_FILE,), SAME_PROCESS,
         (*in_order(("Choice 1", "Yes"), "Yes Task", "!Done"), opened("Repeated Task", "Repeated Task"),
          do_one("Repeated Task"), *in_order("Done", "Repeated Task", "Done"), ended)),
    Case((SAME + "testNoRouteRepeatTaskFirst",), (SAME_FILE,), SAME_PROCESS,
         (*in_order("Repeated Task", "Done", ("Choice 1", "No"), "No Task", "Done"), ended)),
    Case((SAME + "testNoRouteNoTaskFirst",), (SAME_FILE,), SAME_PROCESS,
         (*in_order(("Choice 1", "No"), "No Task", "!Done", "Repeated Task", "Done"), ended)),
    Case((SAME + "testNoRouteNoFirstThenRepeating",), (SAME_FILE,), SAME_PROCESS,
         (*in_order(("Choice 1", "No"), "!Done", "Repeated Task", "!Done", "No Task", "Done"), ended)),
    *(case for file, process in THEN_DRAWINGS for case in (
        Case((THEN + "testRunThroughParallelTaskFirst",), (file,), process,
             (*in_order("Parallel Task", "!Done", ("Choice 1", "Yes"), "Yes Task", "Done"), ended)),
        Case((THEN + "testRunThroughChoiceFirst",), (file,), process,
             (*in_order(("Choice 1", "Yes"), "Parallel Task", "!Done", "Yes Task", "Done"), ended)),
        Case((THEN + "testRunThroughChoiceThreadCompleteFirst",), (file,), process,
             (*in_order(("Choice 1", "Yes"), "Yes Task", "!Done", "Parallel Task", "Done"), ended)),
    )),
]  # fmt: skip

CHOICES = [
    Case(("bpmn/ExclusiveGatewayNoDefaultTest::testRunThroughHappy",), ("exclusive_gateway_no_default.bpmn",),
         "NoDefaultGateway", (fails(begin("NoDefaultGateway", x=1), "Gateway_CheckValue"),), begins=False),
    Case(("bpmn/InclusiveGatewayTest::testDefaultConditionOnly",
          "bpmn/InclusiveGatewayTest::testDefaultConditionOnlySaveRestore"), ("inclusive_gateway.bpmn",), "main",
         (do("set_data", v=-1, u=-1, w=-1), ended, has(v=0, u=-1, w=-1)), changes=SUMS),
    Case(("bpmn/InclusiveGatewayTest::testNoPathFromSecondGateway",), ("inclusive_gateway.bpmn",), "main",
         (fails(do("set_data", v=0, u=-1, w=-1), "second"),), changes=SUMS),
    Case(("bpmn/InclusiveGatewayTest::testParallelCondition",), ("inclusive_gateway.bpmn",), "main",
         (do("set_data", v=0, u=1, w=1), passed("u_plus_v", "w_plus_v"), never("increment_v"), ended,
          has(v=0, u=1, w=1)), changes=SUMS),
]  # fmt: skip

CASES = [*PARALLEL, *INCLUSIVE_JOINS, *CHOICES]
