using System.Text.RegularExpressions;

namespace Samovar.Tests.Tidy;

/// <summary>Which source file names whose types: read from the text, so that it also sees what the compiler folds away.</summary>
/// <remarks>
/// Only types that a file declares at its top level count, and only where their namespace is in sight: by a <c>using</c>, by standing in
/// it, or by being named in front of the type. What is reached without its name (an extension method, <c>var</c>) is not seen.
/// </remarks>
internal sealed partial class TypeGraph
{
    private readonly Dictionary<SourceFile, Reading> _read;
    private readonly ILookup<string, SourceFile> _declaring;

    private TypeGraph(IEnumerable<SourceFile> files)
    {
        _read = files.ToDictionary(file => file, file => new Reading(string.Join('\n', file.Lines)));
        _declaring = _read.SelectMany(pair => pair.Value.Types.Select(type => (type, pair.Key)))
            .ToLookup(one => one.type, one => one.Key, StringComparer.Ordinal);
        Uses = _read.Keys.ToDictionary(file => file, UsedBy);
    }

    /// <summary>The graph of everything that is shipped.</summary>
    public static TypeGraph Sources { get; } =
        new(SourceTree.Files.Where(file => file.Name.StartsWith("src/", StringComparison.Ordinal)));

    /// <summary>Each file, and those whose types it names.</summary>
    public IReadOnlyDictionary<SourceFile, HashSet<SourceFile>> Uses { get; }

    /// <summary>A graph of a few files, for looking at how one is read.</summary>
    public static TypeGraph Of(params SourceFile[] files) => new(files);

    public string NamespaceOf(SourceFile file) => _read[file].Namespace;

    /// <summary>Files that can each be reached from each other, largest group first.</summary>
    public IReadOnlyList<IReadOnlyList<SourceFile>> Circles() =>
        [.. new Components(Uses).Found.Where(group => group.Count > 1).OrderByDescending(group => group.Count)];

    private HashSet<SourceFile> UsedBy(SourceFile file)
    {
        var own = _read[file];
        var used = new HashSet<SourceFile>();
        foreach (var name in own.Names)
        {
            var parts = name.Split('.');
            for (var at = 0; at < parts.Length; at++)
            {
                if (own.Types.Contains(parts[at])) continue;
                var within = string.Join('.', parts[..at]);
                used.UnionWith(_declaring[parts[at]].Where(other => own.Sees(_read[other].Namespace, within, parts[at])));
            }
        }
        used.Remove(file);
        return used;
    }

    /// <summary>What one file says of itself.</summary>
    private sealed class Reading
    {
        private readonly HashSet<string> _usings;

        public Reading(string source)
        {
            var code = Unspoken().Replace(source, " ");
            Namespace = NamespaceLine().Match(code).Groups["name"].Value;
            _usings = [.. UsingLine().Matches(code).Select(match => match.Groups["name"].Value)];
            Types = [.. Declaration().Matches(code).Select(match => match.Groups["name"].Value)];
            Names = [.. DottedName().Matches(code).Select(match => match.Value)];
        }

        public string Namespace { get; }
        public HashSet<string> Types { get; }
        public HashSet<string> Names { get; }

        /// <summary>Whether a type of a namespace is meant, with this in front of its name.</summary>
        public bool Sees(string space, string within, string type) => within.Length > 0
            ? space == within || space.EndsWith("." + within, StringComparison.Ordinal)
            : space == Namespace || Namespace.StartsWith(space + ".", StringComparison.Ordinal)
                || _usings.Contains(space) || _usings.Contains($"{space}.{type}");
    }

    /// <summary>The groups of nodes that reach each other, by Tarjan's algorithm.</summary>
    private sealed class Components
    {
        private readonly IReadOnlyDictionary<SourceFile, HashSet<SourceFile>> _edges;
        private readonly Dictionary<SourceFile, (int Index, int Low)> _seen = [];
        private readonly Stack<SourceFile> _path = new();
        private readonly HashSet<SourceFile> _onPath = [];

        public Components(IReadOnlyDictionary<SourceFile, HashSet<SourceFile>> edges)
        {
            _edges = edges;
            foreach (var node in edges.Keys)
                if (!_seen.ContainsKey(node)) Visit(node);
        }

        public List<List<SourceFile>> Found { get; } = [];

        private int Visit(SourceFile node)
        {
            var index = _seen.Count;
            var low = index;
            _seen[node] = (index, low);
            _path.Push(node);
            _onPath.Add(node);
            foreach (var next in _edges[node])
                if (!_seen.TryGetValue(next, out var known)) low = Math.Min(low, Visit(next));
                else if (_onPath.Contains(next)) low = Math.Min(low, known.Index);
            if (low == index) Found.Add(Take(node));
            return low;
        }

        private List<SourceFile> Take(SourceFile last)
        {
            var group = new List<SourceFile>();
            SourceFile taken;
            do
            {
                taken = _path.Pop();
                _onPath.Remove(taken);
                group.Add(taken);
            }
            while (taken != last);
            return group;
        }
    }

    // Raw, verbatim and plain strings, characters, comments: none of them names a type.
    [GeneratedRegex("""
        "{3}[\s\S]*?"{3}|@\$?"(?:[^"]|"")*"|"(?:\\.|[^"\\\n])*"|'(?:\\[^'\n]+|\\'|[^'\\\n])'|//[^\n]*|/\*[\s\S]*?\*/
        """)]
    private static partial Regex Unspoken();

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"^(global )?using (static )?(\w+ = )?(?<name>[\w.]+);", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex UsingLine();

    [GeneratedRegex(
        @"^(?:\[[^\]\n]*\]\s*)*(?:(?:public|internal|file|sealed|static|abstract|partial|readonly|ref|unsafe)\s+)*"
        + @"(?:(?:class|record struct|record class|record|struct|interface|enum)\s+(?<name>[A-Z]\w*)"
        + @"|delegate\s+[^;(]*?(?<name>[A-Z]\w*)(?:<[^>\n]*>)?\()",
        RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"(?<![\w.])[A-Z]\w*(?:\.[A-Z]\w*)*")]
    private static partial Regex DottedName();
}
