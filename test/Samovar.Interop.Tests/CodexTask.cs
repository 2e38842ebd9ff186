namespace Samovar.Interop.Tests;

/// <summary>A small task for an agent in a folder: whether it is done is seen in the files alone.</summary>
/// <param name="Wish">What a user types.</param>
/// <param name="Before">The folder's files.</param>
/// <param name="After">Those that are other or new when it is done.</param>
internal sealed record CodexTask(string Wish, (string Name, string Text)[] Before, (string Name, string Text)[] After)
{
    public static readonly CodexTask[] All =
    [
        Setting("Set the port in server.cfg to 9000.", "server.cfg", "host = lantern\nport = 8080\n", "8080", "9000"),
        Setting("Change the color in theme.ini to green.", "theme.ini", "color = blue\nwidth = 40\n", "blue", "green"),
        Setting("In app.conf, set the timeout to 45.", "app.conf", "retries = 3\ntimeout = 30\nlevel = info\n", "30", "45"),
        Setting("Please change the level in log.cfg to debug.", "log.cfg", "level = info\nsize = 12\n", "info", "debug"),
        Setting("Update the host in db.cfg to harbor.", "db.cfg", "host = meadow\nport = 5432\n", "meadow", "harbor"),
        Setting("set size to 64 in cache.cfg", "cache.cfg", "size = 16\nname = falcon\n", "16", "64"),
        Setting("Make the width 80 in screen.cfg.", "screen.cfg", "height = 25\nwidth = 40\n", "40", "80"),
        Setting("Replace lantern with candle in notes.txt.", "notes.txt",
            "The lantern stands in the garden.\nThe river is cold.\n", "lantern", "candle"),
        Setting("Rename Laura to Martin in team.txt.", "team.txt", "Laura likes tea.\nOscar likes bread.\n", "Laura", "Martin"),
        Setting("Add the line \"- buy milk\" to todo.txt.", "todo.txt", "- water the garden\n", "garden\n", "garden\n- buy milk\n"),
        new("Write color = green to theme.cfg", [("notes.txt", "The river is cold.\n")], [("theme.cfg", "color = green\n")]),
        new("Fix the failing test.",
            [
                ("calc.py", "def add(a, b):\n    return a - b\n"),
                ("test_calc.py", "import unittest\nfrom calc import add\n\n\nclass Test(unittest.TestCase):\n    def test_add(self):\n"
                    + "        self.assertEqual(add(2, 3), 5)\n\n\nif __name__ == \"__main__\":\n    unittest.main()\n"),
            ],
            [("calc.py", "def add(a, b):\n    return a + b\n")]),
    ];

    public void Lay(string folder)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        foreach (var (name, text) in Before) File.WriteAllText(Path.Combine(folder, name), text);
    }

    /// <summary>Whether the folder holds just what it should; what running a test leaves beside it does not count.</summary>
    public bool IsDone(string folder)
    {
        var wanted = Before.ToDictionary(file => file.Name, file => file.Text);
        foreach (var (name, text) in After) wanted[name] = text;
        var found = Directory.GetFiles(folder).ToDictionary(path => Path.GetFileName(path), File.ReadAllText);
        return found.Count == wanted.Count && wanted.All(file => found.GetValueOrDefault(file.Key) == file.Value);
    }

    private static CodexTask Setting(string wish, string file, string text, string old, string now) =>
        new(wish, [(file, text)], [(file, text.Replace(old, now, StringComparison.Ordinal))]);
}
