"""
Execution State Ordering Conflict Tests
Test for state ordering issues from multiple execution tracking systems.
"""

import pytest
import asyncio
import time
from test_framework.ssot.base_test_case import SSotAsyncTestCase

class TestExecutionStateOrderingConflicts(SSotAsyncTestCase):
    """Test execution state ordering conflicts."""
    
    async def test_state_transition_ordering_violations(self):
        """Should FAIL - Multiple trackers create invalid state transitions."""
        try:
            from netra_backend.app.core.agent_execution_tracker import AgentExecutionTracker
            from netra_backend.app.agents.agent_state_tracker import AgentStateTracker
            
            exec_tracker = AgentExecutionTracker.get_instance()
            state_tracker = AgentStateTracker()
            
            execution_id = exec_tracker.create_execution("test_agent", "thread_123", "run_123")
            
            # Create state ordering conflict
            ordering_violations = []
            
            # Execution tracker sets state
            exec_tracker.update_execution_state(execution_id, "RUNNING")
            current_exec_state = exec_tracker.get_execution_state(execution_id)
            
            # State tracker sets different state for same execution
            state_tracker.track_phase_transition(execution_id, "STARTING", "THINKING")
            
            # Check for state inconsistency
            if current_exec_state != "RUNNING":
                ordering_violations.append(f"State changed unexpectedly: {current_exec_state}")
            
            # Both systems may have different views of execution state
            exec_view = exec_tracker.get_execution_state(execution_id)
            
            if exec_view != "RUNNING":
                ordering_violations.append("Execution state inconsistency detected")
                
            if ordering_violations:
                pytest.fail(f"STATE ORDERING VIOLATIONS: {'; '.join(ordering_violations)}")
                
        except ImportError:
            pytest.skip("Execution tracking already consolidated")
    
    async def test_timeout_execution_state_conflicts(self):
        """Should FAIL - Timeout manager conflicts with execution state."""
        try:
            from netra_backend.app.core.agent_execution_tracker import AgentExecutionTracker
            from netra_backend.app.agents.execution_timeout_manager import AgentExecutionTimeoutManager
            
            exec_tracker = AgentExecutionTracker.get_instance()
            timeout_manager = AgentExecutionTimeoutManager()
            
            execution_id = exec_tracker.create_execution("test_agent", "thread_123", "run_123")
            
            # Set execution to RUNNING
            exec_tracker.update_execution_state(execution_id, "RUNNING")
            
            # Timeout manager may set to TIMEOUT independently
            timeout_manager.set_timeout(execution_id, 0.1)
            await asyncio.sleep(0.2)
            
            # Check timeout status
            if timeout_manager.check_timeout(execution_id):
                exec_state = exec_tracker.get_execution_state(execution_id)
                if exec_state != "TIMEOUT":
                    pytest.fail("TIMEOUT CONFLICT: Execution state not synchronized with timeout")
                    
        except ImportError:
            pytest.skip("Timeout manager already consolidated")
