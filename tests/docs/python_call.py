"""Prints, as JSON, the arguments of the only call in a Python program on standard input."""

import ast
import json
import sys

[call] = [node for node in ast.walk(ast.parse(sys.stdin.read())) if isinstance(node, ast.Call)]
arguments = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
print(json.dumps({"name": ast.unparse(call.func), "arguments": arguments}))
