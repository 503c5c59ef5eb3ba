# One image per program: docker build --build-arg HOST=Notify.Controller -t notify-controller .
# docker-compose.yml builds all that it needs.
# The version is that of global.json.
FROM mcr.microsoft.com/dotnet/sdk:10.0.401 AS build
ARG HOST=Notify.Controller
WORKDIR /source
COPY . .
RUN dotnet publish src/$HOST -c Release -o /app \
 && dotnet publish tools/notifyctl -c Release -o /app/ctl \
 && ln -s $HOST /app/host \
 && mkdir /data

# No shell, no package manager, and a user without rights.
FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled
COPY --from=build /app /app
COPY --from=build --chown=$APP_UID /data /data
USER $APP_UID
WORKDIR /data
EXPOSE 7000
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s \
  CMD ["/app/ctl/notifyctl", "status", "--address", "127.0.0.1:7000", "--timeout", "2s"]
ENTRYPOINT ["/app/host"]
