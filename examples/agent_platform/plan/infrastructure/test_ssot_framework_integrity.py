"""Validate SSOT test framework integrity."""

import pytest
from test_framework.ssot.base_test_case import SSotBaseTestCase

class TestSSOTFrameworkIntegrity(SSotBaseTestCase):
    """Validate SSOT test framework components."""
    
    def test_unified_test_runner_available(self):
        """Validate unified test runner is functional."""
        from tests.unified_test_runner import main
        assert callable(main)
    
    def test_ssot_mock_factory_available(self):
        """Validate SSOT mock factory is functional."""
        from test_framework.ssot.mock_factory import SSotMockFactory
        mock_factory = SSotMockFactory()
        assert mock_factory is not None
    
    def test_isolated_environment_available(self):
        """Validate environment isolation works."""
        from shared.isolated_environment import get_env
        env_value = get_env("TEST_ENV_VAR", "default")
        assert env_value is not None
