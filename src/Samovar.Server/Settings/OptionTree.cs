using System.Reflection;

namespace Samovar.Server.Settings;

/// <summary>The settings that options classes have, as the binder reads them.</summary>
internal static class OptionTree
{
    /// <summary>What can be set.</summary>
    public static IEnumerable<PropertyInfo> Members(Type options) => options.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.CanWrite || !SettingKind.IsValue(property.PropertyType));

    public static PropertyInfo? Find(Type options, string name) =>
        Members(options).FirstOrDefault(member => string.Equals(member.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>What a list's entries are; null for what is no list.</summary>
    public static Type? EntryOf(Type type) => type.IsArray ? type.GetElementType()
        : type != typeof(string) && ArgumentsOf(type, typeof(IEnumerable<>)) is [var entry] && ValueOf(type) is null ? entry : null;

    /// <summary>What a map's values are; null for what is no map.</summary>
    public static Type? ValueOf(Type type) => ArgumentsOf(type, typeof(IDictionary<,>)) is [_, var value] ? value : null;

    private static Type[]? ArgumentsOf(Type type, Type open) => type.GetInterfaces().Prepend(type)
        .FirstOrDefault(one => one.IsGenericType && one.GetGenericTypeDefinition() == open)?.GetGenericArguments();
}
