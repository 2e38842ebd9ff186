namespace Samovar.Cli.Connect.Setups;

/// <summary>Where an agent's files lie: by the environment, as the agents read it.</summary>
internal sealed class AgentHome(IReadOnlyDictionary<string, string>? variables)
{
    private string? Get(string name)
    {
        var value = variables is null ? Environment.GetEnvironmentVariable(name) : variables.GetValueOrDefault(name);
        return string.IsNullOrEmpty(value) ? null : value;
    }

    private string Home => Get("HOME") ?? Get("USERPROFILE") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    /// <param name="variable">The variable that names the folder.</param>
    /// <param name="folder">The folder where there is none, in the user's own.</param>
    /// <param name="name">The file in it.</param>
    public string File(string? variable, string folder, params string[] name) => Path.GetFullPath(Path.Combine(
        [(variable is null ? null : Get(variable)) ?? Path.Combine(Home, Path.Combine(folder.Split('/'))), .. name]));

    /// <summary>A file of the folder for settings.</summary>
    public string Config(params string[] name) => File("XDG_CONFIG_HOME", ".config", name);
}
