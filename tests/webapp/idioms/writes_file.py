# says: PermissionError ... files to write
def answer():
    with open("model.txt", "w") as file:
        file.write("x")
    return True
