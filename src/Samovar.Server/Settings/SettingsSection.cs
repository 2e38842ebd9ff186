namespace Samovar.Server.Settings;

/// <summary>A section of the settings, and the options that it fills.</summary>
internal sealed record SettingsSection(string Name, Type Options);

/// <summary>What is wrong with one setting, in a sentence.</summary>
internal sealed record SettingFault(string Key, string Sentence);
