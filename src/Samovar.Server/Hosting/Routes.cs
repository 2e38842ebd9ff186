using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Server.Auth;
using Samovar.Server.Cluster;
using Samovar.Server.Http;
using Samovar.Server.Monitoring;
using Samovar.Server.Monitoring.Status;
using Samovar.Server.Monitoring.Traces;
using Samovar.Server.Page;
using Samovar.Server.Peers;
using Samovar.Server.WebSockets;
using Samovar.Turns;

namespace Samovar.Server.Hosting;

/// <summary>The whole surface, to be read in one place.</summary>
internal static class Routes
{
    /// <summary>Load balancers, monitors and agents ask for the head alone.</summary>
    private static readonly string[] Readable = [HttpMethods.Get, HttpMethods.Head];

    public static void MapSamovar(this WebApplication app)
    {
        if (Get<AuthOptions>(app).AllowedOrigins.Length > 0)
            app.Use((http, next) =>
            {
                PageAccess.MarkAnswer(http);
                return next(http);
            });
        app.UseMiddleware<HttpEdge>();
        var pages = PageAccess.Policy(Get<PageGuard>(app));
        app.UseWhen(static http => http.Request.Headers.Origin.Count > 0, ofPage => ofPage.UseMiddleware<CorsMiddleware>(pages));
        var sockets = Get<SocketOptions>(app);
        app.Use((http, next) =>
        {
            WatchedUpgrade.Watch(http, sockets);
            return next(http);
        });
        app.UseWebSockets();
        var (create, socket, count) = (Get<CreateResponseEndpoint>(app), Get<SocketEndpoint>(app), Get<InputTokensEndpoint>(app));
        var (compact, stored) = (Get<CompactEndpoint>(app), Get<StoredResponsesEndpoints>(app));
        foreach (var path in Get<HttpOptions>(app).ResponsesPaths())
        {
            app.MapPost(path, create.HandleAsync);
            app.MapMethods(path, Readable, socket.HandleAsync);
            app.MapPost(path + "/input_tokens", count.HandleAsync);
            app.MapPost(path + "/compact", compact.HandleAsync);
            MapStored(app, path, stored);
        }
        foreach (var path in HttpOptions.ConversationPaths) MapConversations(app, path, Get<ConversationEndpoints>(app));
        var translated = Get<TranslatedEndpoint>(app);
        foreach (var path in HttpOptions.ChatPaths)
        {
            app.MapPost(path, http => translated.HandleAsync(http, new ChatTranslation()));
            MapCompletions(app, path, Get<StoredCompletionEndpoints>(app));
        }
        app.MapPost("/v1/messages/count_tokens", Get<CountTokensEndpoint>(app).HandleAsync);
        app.MapPost("/v1/messages", http => translated.HandleAsync(http, new MessagesTranslation()));
        var models = Get<ModelsEndpoints>(app);
        app.MapMethods("/v1/models", Readable, models.ListAsync);
        app.MapMethods("/v1/models/{**name}", Readable, models.GetAsync);
        app.MapMethods("/health", Readable, Get<HealthEndpoint>(app).HandleAsync);
        MapPage(app, Get<HealthEndpoint>(app));
        app.MapMethods("/metrics", Readable, Get<MetricsEndpoint>(app).HandleAsync);
        app.MapMethods("/v1/samovar/status", Readable, Get<StatusEndpoint>(app).HandleAsync);
        app.MapMethods("/v1/samovar/trace/{id}", Readable, Get<TraceEndpoint>(app).HandleAsync);
        app.MapMethods("/v1/samovar/why/{id}", Readable, Get<WhyEndpoint>(app).HandleAsync);
        MapPrefixes(app, "/v1/samovar/prefixes", Get<PrefixEndpoints>(app));
        if (app.Services.GetService<PeerDoor>() is not { } door) return;
        MapPeers(app, door, Get<RelayEndpoint>(app), stored);
        MapHomes(app, door, create, translated);
        MapOwners(app, door, Get<ConversationEndpoints>(app));
    }

    /// <summary>What came to other nodes, and adds to chains that are this one's.</summary>
    private static void MapOwners(WebApplication app, PeerDoor door, ConversationEndpoints conversations)
    {
        foreach (var path in HttpOptions.ConversationPaths)
        {
            app.MapPost(PeerPaths.Requests + path + "/{id}/items", door.BehindAsItCame(conversations.AddItemsAsync));
            app.MapDelete(PeerPaths.Requests + path + "/{id}/items/{item}", door.BehindAsItCame(conversations.DeleteItemAsync));
        }
    }

    /// <summary>Requests that came to other nodes, and whose conversations are at home here.</summary>
    private static void MapHomes(WebApplication app, PeerDoor door, CreateResponseEndpoint create, TranslatedEndpoint translated)
    {
        foreach (var path in Get<HttpOptions>(app).ResponsesPaths())
            app.MapPost(PeerPaths.Requests + path, door.BehindAsItCame(create.HandleAsync));
        foreach (var path in HttpOptions.ChatPaths)
            app.MapPost(PeerPaths.Requests + path, door.BehindAsItCame(http => translated.HandleAsync(http, new ChatTranslation())));
        app.MapPost(PeerPaths.Requests + "/v1/messages",
            door.BehindAsItCame(http => translated.HandleAsync(http, new MessagesTranslation())));
    }

    /// <summary>What the nodes of a cluster ask each other for; a server that stands alone has none of it.</summary>
    private static void MapPeers(WebApplication app, PeerDoor door, RelayEndpoint relays, StoredResponsesEndpoints stored)
    {
        foreach (var api in (ClientApi[])[ClientApi.Responses, ClientApi.Messages]) // a turn of Chat continues nothing by name
            app.MapPost(PeerPaths.TurnsOf(api), door.BehindForTurns(http => relays.TakeAsync(http, api)));
        app.MapPost(PeerPaths.Cancel, door.Behind(relays.CancelAsync));
        app.MapPost(PeerPaths.Steer, door.Behind(relays.SayAsync));
        app.MapGet(PeerPaths.Events, door.Behind(relays.ReadAsync));
        app.MapMethods(PeerPaths.Responses, Readable, door.BehindFor(stored.GetAsync));
        app.MapDelete(PeerPaths.Responses, door.BehindFor(stored.DeleteAsync));
        app.MapPost(PeerPaths.CancelResponse, door.BehindFor(stored.CancelAsync));
    }

    private static void MapPrefixes(WebApplication app, string path, PrefixEndpoints prefixes)
    {
        app.MapPost(path, prefixes.WarmAsync);
        app.MapMethods(path, Readable, prefixes.ListAsync);
        app.MapMethods(path + "/{id}", Readable, prefixes.GetAsync);
        app.MapDelete(path + "/{id}", prefixes.DropAsync);
    }

    /// <summary>The root is the page to browsers; agents ask it before they begin, and get what health says.</summary>
    private static void MapPage(WebApplication app, HealthEndpoint health)
    {
        if (!Get<PageOptions>(app).Enabled)
        {
            app.MapMethods("/", Readable, health.HandleAsync);
            return;
        }
        var (files, door) = (Get<PageFiles>(app), Get<LoginEndpoint>(app));
        app.MapMethods("/", Readable, http => PageFiles.IsAsked(http) ? files.WriteAsync(http, PageFiles.Html) : health.HandleAsync(http));
        foreach (var name in PageFiles.Parts) app.MapMethods("/" + name, Readable, http => files.WriteAsync(http, name));
        app.MapGet("/page/session", door.ShowAsync);
        app.MapPost("/page/login", door.LoginAsync);
        app.MapPost("/page/logout", door.LogoutAsync);
        app.MapGet("/page/events", Get<EventsEndpoint>(app).HandleAsync);
        app.MapGet("/page/chain/{id}", Get<ChainEndpoint>(app).HandleAsync);
        var (traces, visitors) = (Get<TraceEndpoint>(app), Get<PageDoor>(app));
        app.MapGet("/page/trace/{id}", http => traces.WriteAsync(http, visitors.Require(http).Caller));
    }

    private static void MapStored(WebApplication app, string path, StoredResponsesEndpoints stored)
    {
        app.MapMethods(path + "/{id}", Readable, stored.GetAsync);
        app.MapDelete(path + "/{id}", stored.DeleteAsync);
        app.MapPost(path + "/{id}/cancel", stored.CancelAsync);
        app.MapMethods(path + "/{id}/input_items", Readable, stored.InputItemsAsync);
    }

    private static void MapConversations(WebApplication app, string path, ConversationEndpoints conversations)
    {
        app.MapPost(path, conversations.CreateAsync);
        app.MapMethods(path + "/{id}", Readable, conversations.GetAsync);
        app.MapPost(path + "/{id}", conversations.UpdateAsync);
        app.MapDelete(path + "/{id}", conversations.DeleteAsync);
        app.MapMethods(path + "/{id}/items", Readable, conversations.ListItemsAsync);
        app.MapPost(path + "/{id}/items", conversations.AddItemsAsync);
        app.MapMethods(path + "/{id}/items/{item}", Readable, conversations.GetItemAsync);
        app.MapDelete(path + "/{id}/items/{item}", conversations.DeleteItemAsync);
    }

    private static void MapCompletions(WebApplication app, string path, StoredCompletionEndpoints completions)
    {
        app.MapMethods(path, Readable, completions.ListAsync);
        app.MapMethods(path + "/{id}", Readable, completions.GetAsync);
        app.MapPost(path + "/{id}", completions.UpdateAsync);
        app.MapDelete(path + "/{id}", completions.DeleteAsync);
        app.MapMethods(path + "/{id}/messages", Readable, completions.MessagesAsync);
    }

    private static T Get<T>(WebApplication app) where T : notnull => app.Services.GetRequiredService<T>();
}
