using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using System.Globalization;
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
            : parsed.Errors.Select(error => Sentence(error, command)).Distinct(StringComparer.Ordinal);
    }

    private static bool IsOption(string token) => token.StartsWith('-');

    private static string Unknown(string token, Command command)
    {
        var written = IsOption(token) ? token.Split('=')[0] : token;
        var known = IsOption(token) ? command.Options.Where(option => !option.Hidden).Select(option => option.Name)
            : Subcommands(command);
        var place = Path(command);
        return (IsOption(token) ? $"There is no option {written} of '{place}'"
            : command.Subcommands.Count > 0 ? $"There is no command {written} of '{place}'"
            : $"'{place}' takes no argument '{written}'") + (NearNames.Nearest(written, known) is { } near
            ? $"; did you mean {near}?" : $"; '{place} --help' lists what there is.");
    }

    private static string Sentence(ParseError error, Command command) => error.SymbolResult switch
    {
        OptionResult { Tokens.Count: 0, Option: var option } => $"{option.Name} needs a value: {option.Name} {option.HelpName ?? "VALUE"}.",
        OptionResult { Tokens.Count: > 1 and var count, Option.Name: var name } =>
            string.Create(CultureInfo.InvariantCulture, $"{name} is given {count} times; it takes one value."),
        OptionResult { Tokens: [var token], Option: var option } when Among(option, token.Value) is { } among =>
            $"There is no {option.Name} {token.Value}; {among}",
        ArgumentResult { Tokens.Count: 0, Argument: var argument } => Wanted(argument, command),
        ArgumentResult { Tokens: [var token], Argument: var argument } when Among(argument, token.Value) is { } among =>
            $"There is no {argument.Name} {token.Value} of '{Path(command)}'; {among}",
        CommandResult result when Missing(result) is { } argument => Wanted(argument, command),
        _ => error.Message == "Required command was not provided."
            ? $"'{Path(command)}' needs a command: {string.Join(", ", Subcommands(command))}." : error.Message,
    };

    private static string Wanted(Argument argument, Command command) =>
        $"'{Path(command)}' needs {argument.Name}: {argument.Description ?? $"'{Path(command)} --help' says what that is."}";

    private static Argument? Missing(CommandResult result) => result.Command.Arguments.FirstOrDefault(
        argument => argument.Arity.MinimumNumberOfValues > 0 && result.GetResult(argument) is null or { Tokens.Count: 0 });

    /// <summary>What it might have been; null where a value is not one of a few, or is.</summary>
    private static string? Among(Symbol symbol, string written)
    {
        var known = symbol.GetCompletions(CompletionContext.Empty).Select(static one => one.Label).ToList();
        return known.Count == 0 || known.Contains(written, StringComparer.Ordinal) ? null
            : NearNames.Nearest(written, known) is { } near ? $"did you mean {near}?" : $"there is {string.Join(", ", known)}.";
    }

    private static IEnumerable<string> Subcommands(Command command) =>
        command.Subcommands.Where(one => !one.Hidden).Select(one => one.Name);

    private static string Path(Command command) => command.Parents.OfType<Command>().FirstOrDefault() is { } parent
        ? $"{Path(parent)} {command.Name}" : command.Name;
}
