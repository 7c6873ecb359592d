import json


def answer():
    text = json.dumps({"lr": 0.1, "layers": [1, 2]}, indent=2, sort_keys=True)
    return json.loads(text)["layers"] == [1, 2]
