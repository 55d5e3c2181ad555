"""Random input for everything that reads what others wrote: what must hold is said once a target, and tried
for seconds by the tests and for as long as one likes by ``make fuzz``.
"""
