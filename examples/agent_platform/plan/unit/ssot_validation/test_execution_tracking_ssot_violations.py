"""
SSOT Violation Detection Tests for Issue #220
These tests should FAIL before consolidation, PASS after consolidation.
"""

import pytest
import ast
import importlib
from pathlib import Path
from test_framework.ssot.base_test_case import SSotBaseTestCase

class TestExecutionTrackingSSOTViolations(SSotBaseTestCase):
    """Tests designed to detect current SSOT violations."""
    
    def test_multiple_execution_trackers_exist(self):
        """Should FAIL - Multiple execution tracking systems violate SSOT."""
        violations = []
        
        # Check for AgentStateTracker
        try:
            from netra_backend.app.agents.agent_state_tracker import AgentStateTracker
            violations.append("AgentStateTracker exists (should be consolidated)")
        except ImportError:
            pass
            
        # Check for AgentExecutionTimeoutManager  
        try:
            from netra_backend.app.agents.execution_timeout_manager import AgentExecutionTimeoutManager
            violations.append("AgentExecutionTimeoutManager exists (should be consolidated)")
        except ImportError:
            pass
            
        # Check for duplicate execution engines
        execution_engines = [
            "netra_backend.app.agents.supervisor.execution_engine",
            "netra_backend.app.agents.execution_engine_consolidated", 
            "netra_backend.app.agents.supervisor.user_execution_engine"
        ]
        
        existing_engines = []
        for engine_path in execution_engines:
            try:
                importlib.import_module(engine_path)
                existing_engines.append(engine_path)
            except ImportError:
                pass
                
        if len(existing_engines) > 1:
            violations.append(f"Multiple execution engines: {existing_engines}")
            
        if violations:
            pytest.fail(f"SSOT VIOLATIONS DETECTED: {'; '.join(violations)}")
    
    def test_manual_execution_id_generation_detected(self):
        """Should FAIL - Manual execution ID generation bypasses UnifiedIDManager."""
        violations = []
        
        # Scan for manual ID generation patterns
        patterns_to_check = [
            ("f\"{agent_name}_{run_id}_{int(time.time() * 1000)}\"", "timeout_manager"),
            ("uuid.uuid4()", "direct_uuid_calls"),
            ("str(uuid.uuid4())", "direct_uuid_string_calls")
        ]
        
        files_to_scan = [
            Path("netra_backend/app/agents/agent_state_tracker.py"),
            Path("netra_backend/app/agents/execution_timeout_manager.py"),
            Path("netra_backend/app/agents/supervisor/execution_engine.py")
        ]
        
        for file_path in files_to_scan:
            if file_path.exists():
                content = file_path.read_text()
                for pattern, violation_type in patterns_to_check:
                    if pattern in content:
                        violations.append(f"{violation_type} in {file_path}")
                        
        if violations:
            pytest.fail(f"MANUAL ID GENERATION VIOLATIONS: {'; '.join(violations)}")
    
    def test_direct_instantiation_violations_in_tests(self):
        """Should FAIL - Test files bypass singleton pattern."""
        violations = []
        
        test_files_to_check = [
            "netra_backend/tests/unit/agents/test_agent_execution_id_migration.py",
            "tests/mission_critical/test_websocket_timeout_optimization.py"
        ]
        
        for test_file in test_files_to_check:
            file_path = Path(test_file)
            if file_path.exists():
                content = file_path.read_text()
                # Look for direct instantiation patterns
                if "AgentExecutionTracker(" in content and "get_execution_tracker()" not in content:
                    violations.append(f"Direct instantiation in {test_file}")
                    
        if violations:
            pytest.fail(f"DIRECT INSTANTIATION VIOLATIONS: {'; '.join(violations)}")
    
    def test_import_violations_across_codebase(self):
        """Should FAIL - 126+ files have import violations."""
        violations = []
        
        # Check for imports that should be consolidated
        problematic_imports = [
            "from netra_backend.app.agents.agent_state_tracker import",
            "from netra_backend.app.agents.execution_timeout_manager import"
        ]
        
        # Scan key directories for violations
        scan_dirs = [
            Path("netra_backend/app"),
            Path("tests"),
            Path("scripts")
        ]
        
        for scan_dir in scan_dirs:
            if scan_dir.exists():
                for py_file in scan_dir.rglob("*.py"):
                    content = py_file.read_text()
                    for import_pattern in problematic_imports:
                        if import_pattern in content:
                            violations.append(f"{import_pattern} in {py_file}")
                            
        # We expect many violations currently
        if len(violations) < 10:  # Expect significant violations
            pytest.fail(f"Expected significant import violations, found only {len(violations)}")
            
        # Report violations for tracking
        print(f"DETECTED {len(violations)} IMPORT VIOLATIONS (expected before consolidation)")
