using System.CommandLine;
using Samovar.Server.Settings;

namespace Samovar.Cli.Commands;

/// <summary>What is wrong with a command line, in one sentence each.</summary>
internal static class UsageFaults
{
    public static IEnumerable<string> Of(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var unknown = parsed.UnmatchedTokens.Where(IsOption).ToList();
        if (unknown.Count == 0) unknown = [.. parsed.UnmatchedTokens.Take(1)];
        return unknown.Count > 0 ? unknown.Select(token => Unknown(token, command)).Distinct(StringComparer.Ordinal)
            : parsed.Errors.Select(error => Sentence(error.Message, command)).Distinct(StringComparer.Ordinal);
    }

    private static bool IsOption(string token) => token.StartsWith('-');

    private static string Unknown(string token, Command command)
    {
        var written = IsOption(token) ? token.Split('=')[0] : token;
        var known = IsOption(token) ? command.Options.Where(option => !option.Hidden).Select(option => option.Name)
            : Subcommands(command);
        var (what, place) = (IsOption(token) ? "option" : command.Subcommands.Count > 0 ? "command" : "argument", Path(command));
        return $"There is no {what} {written} of '{place}'" + (NearNames.Nearest(written, known) is { } near
            ? $"; did you mean {near}?" : $"; '{place} --help' lists what there is.");
    }

    private static string Sentence(string message, Command command) => message == "Required command was not provided."
        ? $"'{Path(command)}' needs a command: {string.Join(", ", Subcommands(command))}." : message;

    private static IEnumerable<string> Subcommands(Command command) =>
        command.Subcommands.Where(one => !one.Hidden).Select(one => one.Name);

    private static string Path(Command command) => command.Parents.OfType<Command>().FirstOrDefault() is { } parent
        ? $"{Path(parent)} {command.Name}" : command.Name;
}
