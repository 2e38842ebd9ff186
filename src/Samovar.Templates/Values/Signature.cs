namespace Samovar.Templates.Values;

/// <summary>What a filter, test or method may be called with, such as <c>old! new! count</c>.</summary>
internal sealed class Signature
{
    /// <summary>Takes whatever it is given.</summary>
    public static readonly Signature Any = new([], 0, byName: true, isOpen: true);

    public static readonly Signature Nothing = Of("");

    private readonly string[] _names;
    private readonly int _required;
    private readonly bool _byName;
    private readonly bool _isOpen;

    private Signature(string[] names, int required, bool byName, bool isOpen) =>
        (_names, _required, _byName, _isOpen) = (names, required, byName, isOpen);

    /// <param name="text">Names in their order; those with <c>!</c> must be there, and behind <c>/</c> none may be given by its
    /// name.</param>
    public static Signature Of(string text)
    {
        if (text is "*")
            return Any;
        var names = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var byName = names is not [.., "/"];
        names = byName ? names : names[..^1];
        return new([.. names.Select(name => name.TrimEnd('!'))], names.Count(name => name.EndsWith('!')), byName, isOpen: false);
    }

    public void Check(CallArguments arguments)
    {
        if (_isOpen)
            return;
        if (arguments.Positional.Length > _names.Length)
            throw new TemplateException($"At most {_names.Length} arguments are taken here, not {arguments.Positional.Length}.");
        foreach (var (key, _) in arguments.Named)
        {
            var place = Array.IndexOf(_names, key);
            if (place < 0 || !_byName)
                throw new TemplateException($"The argument '{key}' is not known here.");
            if (place < arguments.Positional.Length)
                throw new TemplateException($"The argument '{key}' is given twice.");
        }
        for (var at = arguments.Positional.Length; at < _required; at++)
            arguments.Require(at, _names[at]);
    }
}
