"""Validate test discovery infrastructure works correctly."""

import pytest
import subprocess
import sys
from pathlib import Path

class TestDiscoveryValidation:
    """Tests that validate test discovery infrastructure."""
    
    def test_websocket_test_syntax_is_valid(self):
        """Validate WebSocket test files have valid syntax."""
        # Check syntax of known problematic file
        websocket_test = Path("netra_backend/tests/unit/test_websocket_notifier.py")
        result = subprocess.run([
            sys.executable, "-m", "py_compile", str(websocket_test)
        ], capture_output=True, text=True)
        
        assert result.returncode == 0, f"Syntax error in {websocket_test}: {result.stderr}"
    
    def test_pytest_collection_works(self):
        """Validate pytest can collect tests without syntax errors."""
        result = subprocess.run([
            sys.executable, "-m", "pytest", "--collect-only", "-q", 
            "tests/unit/ssot_validation/"
        ], capture_output=True, text=True)
        
        assert result.returncode == 0, f"Test collection failed: {result.stderr}"
        assert "error" not in result.stderr.lower(), "Collection errors detected"
    
    def test_ssot_base_test_case_importable(self):
        """Validate SSOT test framework is functional."""
        try:
            from test_framework.ssot.base_test_case import SSotBaseTestCase
            assert SSotBaseTestCase is not None
        except ImportError as e:
            pytest.fail(f"SSOT BaseTestCase not importable: {e}")
