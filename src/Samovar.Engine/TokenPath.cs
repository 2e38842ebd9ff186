namespace Samovar.Engine;

/// <summary>The token ids of a context, as an immutable path that shares its parent: a continuation adds only its own tokens.</summary>
public sealed class TokenPath
{
    /// <summary>Tokens of one step at most: a path that shares a part of another copies fewer than that.</summary>
    public const int StepMax = 1024;

    /// <summary>No tokens.</summary>
    public static readonly TokenPath Empty = new(null, ReadOnlyMemory<int>.Empty);

    private TokenPath(TokenPath? parent, ReadOnlyMemory<int> own)
    {
        Parent = parent;
        Own = own;
        Length = (parent?.Length ?? 0) + own.Length;
    }

    /// <summary>What comes before <see cref="Own"/>; null at the start.</summary>
    public TokenPath? Parent { get; }

    /// <summary>The tokens this step added.</summary>
    public ReadOnlyMemory<int> Own { get; }

    /// <summary>Tokens from the start of the context to the end of this step.</summary>
    public int Length { get; }

    /// <summary>This path with more tokens behind it. They are copied, in steps: what a path names is what it holds.</summary>
    public TokenPath Append(ReadOnlyMemory<int> tokens)
    {
        var path = this;
        for (; !tokens.IsEmpty; tokens = tokens[Math.Min(StepMax, tokens.Length)..])
            path = new TokenPath(path.Length == 0 ? null : path, tokens[..Math.Min(StepMax, tokens.Length)].ToArray());
        return path;
    }

    /// <summary>The tokens from <paramref name="start"/> to the end, in order. Costs what it copies.</summary>
    public int[] ToArray(int start = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)start, (uint)Length, nameof(start));
        var tokens = new int[Length - start];
        for (var path = this; path is not null && path.Length > start; path = path.Parent)
        {
            var begin = path.Length - path.Own.Length;
            var skip = Math.Max(0, start - begin);
            path.Own.Span[skip..].CopyTo(tokens.AsSpan(begin + skip - start));
        }
        return tokens;
    }

    /// <summary>Whether <paramref name="ancestor"/> is this path or one of the paths it grew from (by reference, no tokens are
    /// compared).</summary>
    public bool GrewFrom(TokenPath ancestor)
    {
        for (var path = this; path is not null && path.Length >= ancestor.Length; path = path.Parent)
            if (ReferenceEquals(path, ancestor)) return true;
        return ancestor.Length == 0;
    }
}
