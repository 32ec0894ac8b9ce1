#pragma once

#include "gui/application_settings.h"
#include "gui/secret_store.h"
#include "gui/source/remote_profile.h"

#include <QList>
#include <QObject>

#include <functional>

namespace signalbox::gui {

/// The profiles of servers elsewhere, the one used last first. Their secrets are kept apart.
class ProfileStore : public QObject {
    Q_OBJECT

public:
    explicit ProfileStore(ApplicationSettings& settings, QObject* parent = nullptr);

    QList<RemoteProfile> const& profiles() const { return profiles_; }
    SecretStore& secrets() { return secrets_; }

    /// Adds it, or replaces the one of its id; its secrets are kept with it.
    void save(RemoteProfile const& profile);
    void remove(QString const& id);
    /// It comes first from now on.
    void used(QString const& id);

    /// The profile with its secrets, which a keyring may take a while to give.
    void withSecrets(RemoteProfile profile, std::function<void(RemoteProfile const&)> done);

signals:
    void changed();

private:
    void keep();

    ApplicationSettings& settings_;
    SecretStore secrets_;
    QList<RemoteProfile> profiles_;
};

}  // namespace signalbox::gui
