using System.Collections.Frozen;
using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

/// <summary>What each filter, test and method takes; those that are not named take nothing.</summary>
internal static class Signatures
{
    private static readonly FrozenDictionary<string, Signature> Filters = Read(
        """
        attr: name! | batch: linecount! fill_with | center: width | default: default_value boolean | d: default_value boolean
        dictsort: case_sensitive by reverse | filesizeformat: binary | float: default | format: *
        groupby: attribute! default case_sensitive
        indent: width first blank | int: default base | join: d attribute | map: * | max: case_sensitive attribute
        min: case_sensitive attribute | reject: * | rejectattr: * | replace: old! new! count | round: precision method | select: *
        selectattr: * | slice: slices! fill_with | sort: reverse case_sensitive attribute | sum: attribute start
        tojson: ensure_ascii indent separators sort_keys | trim: chars | truncate: length killwords end leeway
        unique: case_sensitive attribute | urlize: trim_url_limit nofollow target rel extra_schemes
        wordwrap: width break_long_words wrapstring break_on_hyphens | xmlattr: autospace
        """);

    private static readonly FrozenDictionary<string, Signature> Tests = Read(
        """
        divisibleby: num! | sameas: other! | in: seq! | ==: other! / | eq: other! / | equalto: other! / | !=: other! / | ne: other! /
        <: other! / | lt: other! / | lessthan: other! / | <=: other! / | le: other! / | >: other! / | gt: other! /
        greaterthan: other! / | >=: other! / | ge: other! /
        """);

    private static readonly FrozenDictionary<string, Signature> OfTexts = Read(
        """
        strip: chars / | lstrip: chars / | rstrip: chars / | split: sep maxsplit | rsplit: sep maxsplit | splitlines: keepends
        partition: sep! / | rpartition: sep! / | startswith: prefix! start end / | endswith: prefix! start end /
        removeprefix: prefix! / | removesuffix: suffix! / | replace: old! new! count / | find: sub! start end / | rfind: sub! start end /
        index: sub! start end / | rindex: sub! start end / | count: sub! start end / | join: iterable! / | format: *
        format_map: mapping! / | zfill: width! / | ljust: width! fill / | rjust: width! fill / | center: width! fill /
        expandtabs: tabsize | translate: table! /
        """);

    private static readonly FrozenDictionary<string, Signature> OtherMethods = Read(
        """
        append: object! / | extend: iterable! / | insert: index! object! / | pop: key default / | index: value! start end /
        count: value! / | get: key! default / | update: * | setdefault: key! default / | remove: value! /
        """);

    public static Signature OfFilter(string name) => Filters.GetValueOrDefault(name, Signature.Nothing);

    public static Signature OfTest(string name) => Tests.GetValueOrDefault(name, Signature.Nothing);

    public static Signature OfTextMethod(string name) => OfTexts.GetValueOrDefault(name, Signature.Nothing);

    public static Signature OfMethod(string name) => OtherMethods.GetValueOrDefault(name, Signature.Nothing);

    private static FrozenDictionary<string, Signature> Read(string table) => table
        .Split(['|', '\n'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Select(row => row.Split(':', 2, StringSplitOptions.TrimEntries))
        .ToFrozenDictionary(row => row[0], row => Signature.Of(row[1]), StringComparer.Ordinal);
}
