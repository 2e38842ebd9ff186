namespace Samovar.Cli.Agents;

/// <summary>What a person types, waited for no longer than the person is there.</summary>
internal static class TypedLine
{
    /// <remarks>A terminal's reader cannot be stopped: left alone, it ends with the process, which the caller is about to end.</remarks>
    public static Task<string?> ReadAsync(TextReader input, CancellationToken userGone) =>
        Task.Run(input.ReadLine, CancellationToken.None).WaitAsync(userGone);

    /// <inheritdoc cref="ReadAsync"/>
    public static string? Read(TextReader input, CancellationToken userGone) => ReadAsync(input, userGone).GetAwaiter().GetResult();
}
