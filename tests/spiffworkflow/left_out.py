"""Tests of SpiffWorkflow that say nothing about what a drawing does, each group with its reason."""

from __future__ import annotations

from collections.abc import Mapping

LEFT_OUT: Mapping[str, tuple[str, ...]] = {
    "SpiffWorkflow's core, without BPMN": ("core/*::*",),
    "its way of saving: Percorso has its own state (docs and tests of engine/state.py)": (
        "bpmn/serializer/*::*",
        "camunda/serializer/*::*",
        "bpmn/CollaborationTest::testSerialization",
    ),
    "its parser's and its API's own structure": (
        "bpmn/DiffUtilTest::*",
        "bpmn/EventParserTest::*",
        "bpmn/NodeParserTest::*",
        "bpmn/ParserTest::*",
        "bpmn/ProcessParserTest::*",
        "bpmn/ProcessDependencyTest::*",
        "bpmn/TaskParserTest::*",
        "bpmn/SwimLaneTest::testBpmnParserKnowsLanesExist",
        "bpmn/CollaborationTest::testParserProvidesInfoOnMessagesAndCorrelations",
        "bpmn/ParallelMultiInstanceTest::testParseInputOutput",
        "bpmn/ParallelMultiInstanceTest::testParseCardinality",
        "camunda/CamundaParserTest::*",
        "camunda/StartMessageEventTest::testParserCanReturnStartMessages",
        "camunda/specs/UserTaskSpecTest::*",
        "camunda/UserTaskParserTest::*",
        "spiff/DualConversationTest::*",
    ),
    "scripts are Python, which Percorso never runs": (
        "bpmn/CustomScriptTest::*",
        "bpmn/PythonScriptEngineTest::*",
        "bpmn/PythonScriptEngineEnvironmentTest::*",
        "bpmn/CallActivityTest::test_call_activity_allows_removal_of_data",
        "bpmn/CallActivityTest::test_call_activity_errors_include_task_trace",
        "bpmn/IOSpecTest::CallActivityDataTest.*",
    ),
    "lists of instances that are Python's sets and dictionaries; in FEEL a collection is a list": (
        "bpmn/*MultiInstanceTest::testListWithDictOutput",
        "bpmn/*MultiInstanceTest::testDictWithListOutput",
        "bpmn/*MultiInstanceTest::testInvalidOutputType",
        "bpmn/*MultiInstanceTest::testDict",
        "bpmn/*MultiInstanceTest::testDictSaveRestore",
        "bpmn/*MultiInstanceTest::testSet",
    ),
    "resetting to an earlier task, which BPMN does not know; Percorso moves a token instead": (
        "bpmn/NestedProcessesTest::testReset*",
        "bpmn/ResetSubProcessTest::*",
        "bpmn/ResetTokenOnBoundaryEventTest::*",
        "camunda/ResetToken*Test::*",
    ),
    "extension elements of SpiffWorkflow's own (and what it reads into Camunda's)": (
        "spiff/BusinessRuleTaskTest::*",
        "spiff/CorrelationTest::*",
        "spiff/HumanTaskMetadataTest::*",
        "spiff/MultiInstanceTaskTest::*",
        "spiff/PrescriptPostscriptTest::*",
        "spiff/ScriptUnitTestExtensionsTest::*",
        "spiff/ServiceTask*Test::*",
        "spiff/SpiffPropertiesTest::*",
        "spiff/UserTaskTest::*",
        "spiff/WaitingEventTest::*",
        "spiff/data_object_test::*",
        "camunda/CallActivityMessageTest::*",
        "camunda/StartMessageEventTest::actual_test",
        "camunda/StartMessageEventTest::testRunThroughHappy",
        "camunda/StartMessageEventTest::testThroughSaveRestore",
    ),
    "several pools run as one instance, with correlation computed by Python paths": (
        "bpmn/CollaborationTest::testCollaboration",
        "bpmn/CollaborationTest::testCorrelation",
        "bpmn/CollaborationTest::testTwoCorrelationKeys",
    ),
    "decisions: the DMN kit's tests are the measure (tests/tck)": (
        "dmn/*::*",
        "camunda/BusinessRuleTaskParserTest::*",
        "camunda/InvalidBusinessRuleTaskParserTest::*",
        "camunda/MultiInstanceDMNTest::*",
    ),
    "nothing is expected but speed, or that nothing is raised": (
        "bpmn/test_performance_test::*",
        "bpmn/ServiceTaskTest::*",
    ),
    "functions that count months from a date: tests/engine/test_time.py has Percorso's": (
        "bpmn/events/TimeDurationParseTest::test_calculate_timedelta_*",
    ),
    "its drawing cannot be started in SpiffWorkflow either (its calls name no process)": (
        "bpmn/parallel_gateway_tests/ParallelManyThreadsAtSamePointTestNested::*",
    ),
}
"""Reason -> tests, as in `Case.tests`; `*` may also stand in the file's name."""
