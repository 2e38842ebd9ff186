using Microsoft.Extensions.Options;
using Samovar.Gateway.Destinations;
using Samovar.Tools;

namespace Samovar.Server.Tools;

/// <summary>Holds that the servers of tools are named well, and that their secrets are where the settings say.</summary>
internal sealed class ToolServersCheck(Func<string, string?> environment) : IValidateOptions<ToolOptions>
{
    private const int NameCharsMax = 32;

    public ValidateOptionsResult Validate(string? name, ToolOptions options)
    {
        var faults = options.Servers.SelectMany((server, at) => Faults(server, $"Servers:{at}"))
            .Concat(options.Servers.GroupBy(static server => server.Name, StringComparer.Ordinal).Where(static group => group.Count() > 1)
                .Select(static group => $"Servers: two are called '{group.Key}'."))
            .ToList();
        if (options.SearchServer.Length > 0 && options.Servers.All(server => server.Name != options.SearchServer))
            faults.Add($"SearchServer: no server of Tools:Servers is called '{options.SearchServer}'.");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private IEnumerable<string> Faults(ToolServerOptions server, string at)
    {
        var isName = server.Name.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_');
        if (!isName || server.Name.Length is 0 or > NameCharsMax)
            yield return $"{at}:Name: '{server.Name}' is not 1 to {NameCharsMax} letters, digits, '-' and '_'.";
        var path = server.Url.Split('?')[0];
        if (AddressRule.FaultOfUrl(path) is { } fault) yield return $"{at}:Url: '{path}' {fault}.";
        for (var i = 0; i < server.Headers.Count; i++)
            if (FaultOf(server.Headers[i]) is { } wrong) yield return $"{at}:Headers:{i}: {wrong}";
    }

    private string? FaultOf(ToolHeaderOptions header)
    {
        if (header.Name.Length == 0 || !header.Name.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'))
            return $"'{header.Name}' is not a header's name.";
        var sources = new[] { header.Value, header.Environment, header.File }.Count(static source => source is not null);
        if (sources != 1) return $"'{header.Name}' names one of Value, Environment and File.";
        if (header.Environment is { } name && string.IsNullOrEmpty(environment(name))) return $"the environment has no variable '{name}'.";
        return header.File is { } file && !File.Exists(file) ? $"there is no file '{file}'." : null;
    }
}
