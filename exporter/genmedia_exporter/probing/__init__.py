"""When a target is probed, and one probe from target to verdict."""
