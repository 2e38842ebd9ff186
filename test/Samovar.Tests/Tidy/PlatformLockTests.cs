using System.Text.Json.Nodes;

namespace Samovar.Tests.Tidy;

/// <summary>Packages are restored by a lock of their own, at which no build from the source looks: it must know the same
/// projects.</summary>
public sealed class PlatformLockTests
{
    [Fact]
    public void LockOfThePackages_HasTheProgramsProjects_AsTheProgramsOwnLock()
    {
        var (own, platforms) = (Projects("packages.lock.json"), Projects("packages.platforms.lock.json"));
        Assert.NotEmpty(own);
        Assert.True(JsonNode.DeepEquals(own, platforms), "src/Samovar.Cli/packages.platforms.lock.json is behind: "
            + $"./samovar package would be refused. Project entries here:\n{own.ToJsonString()}\nand there:\n{platforms.ToJsonString()}");
    }

    private static JsonObject Projects(string name)
    {
        var text = File.ReadAllText(Path.Combine(SourceTree.Root, "src", "Samovar.Cli", name));
        var all = JsonNode.Parse(text)!["dependencies"]!["net10.0"]!.AsObject();
        return new JsonObject(all.Where(one => one.Value!["type"]!.GetValue<string>() == "Project")
            .Select(one => KeyValuePair.Create(one.Key, (JsonNode?)one.Value!.DeepClone())));
    }
}
