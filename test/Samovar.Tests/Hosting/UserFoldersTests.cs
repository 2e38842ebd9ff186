using System.Runtime.InteropServices;
using Samovar.Server.Hosting;
using Samovar.Server.Settings;

namespace Samovar.Tests.Hosting;

/// <summary>Where an installed program keeps what is its user's, and what that is from its source.</summary>
public sealed class UserFoldersTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("samovar-folders-").FullName;

    [Theory]
    [InlineData("LINUX", "/home/u/.local/share/samovar", "/home/u/.config/samovar", "/home/u/.local/state/samovar")]
    [InlineData("OSX", "/home/u/Library/Application Support/samovar", "/home/u/Library/Application Support/samovar",
        "/home/u/Library/Logs/samovar")]
    [InlineData("WINDOWS", "/home/u/AppData/Local/samovar", "/home/u/AppData/Roaming/samovar", "/home/u/AppData/Local/samovar/logs")]
    public void Installed_TheyAreThePlatforms(string platform, string data, string settings, string logs) =>
        Assert.Equal(new UserFolders(data, settings, logs), Of(platform, isInstalled: true));

    [Theory]
    [InlineData("LINUX")]
    [InlineData("OSX")]
    [InlineData("WINDOWS")]
    public void Variables_MoveThem_OnEveryPlatform(string platform)
    {
        (string, string)[] moved = [("XDG_DATA_HOME", "/d"), ("XDG_CONFIG_HOME", "/c"), ("XDG_STATE_HOME", "/s")];
        Assert.Equal(new UserFolders("/d/samovar", "/c/samovar", "/s/samovar"), Of(platform, isInstalled: true, moved));
        Assert.Equal(new UserFolders("/d/samovar", null, null), Of(platform, isInstalled: false, moved));
        Assert.Equal(Of(platform, isInstalled: true), Of(platform, isInstalled: true, ("XDG_DATA_HOME", "")));
    }

    [Fact]
    public void WindowsOwnVariables_NameItsFolders() => Assert.Equal(new UserFolders("/l/samovar", "/r/samovar", "/l/samovar/logs"),
        Of("WINDOWS", isInstalled: true, ("LOCALAPPDATA", "/l"), ("APPDATA", "/r")));

    [Theory]
    [InlineData("LINUX")]
    [InlineData("OSX")]
    public void FromTheSource_TheDataIsFoundAgain_ByAnInstalledProgram(string platform) =>
        Assert.Equal(Of(platform, isInstalled: true).Data, Of(platform, isInstalled: false).Data);

    [Fact]
    public void SettingsFile_OfTheWorkingFolder_ComesFirst()
    {
        var (working, ofUser) = (Make("working"), Make("user"));
        var (here, usual) = (Path.Combine(working, "samovar.json"), Path.Combine(ofUser, "samovar.json"));
        Assert.Equal(here, SettingsFile.Usual(working, ofUser)); // there is none: nothing is read
        File.WriteAllText(usual, "{}");
        Assert.Equal(usual, SettingsFile.Usual(working, ofUser));
        Assert.Equal(here, SettingsFile.Usual(working, null)); // from the source
        File.WriteAllText(here, "{}");
        Assert.Equal(here, SettingsFile.Usual(working, ofUser));
        Assert.Equal(here, SettingsFile.Usual(working, Path.Combine(_folder, "none")));
    }

    [Fact]
    public void NamedDataFolder_HasTheLogs_Too() => Assert.Equal("/data", new ServerOptions { DataPath = "/data" }.LogPath());

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Make(string name) => Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;

    private static UserFolders Of(string platform, bool isInstalled, params (string Name, string Value)[] variables) =>
        UserFolders.Of(isInstalled, OSPlatform.Create(platform),
            name => variables.FirstOrDefault(one => one.Name == name) is { Name: not null } found ? found.Value : null, "/home/u");
}
