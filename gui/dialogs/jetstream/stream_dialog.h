#pragma once

#include "engine/host/jetstream/stored_facts.h"

#include "gui/dialogs/jetstream/request_dialog.h"

namespace signalbox::gui {

/// Makes a stream, or changes one.
class StreamDialog : public RequestDialog {
    Q_OBJECT

public:
    /// `before` empty: a new one. `state` is what an existing one holds.
    StreamDialog(Theme const& theme, QJsonObject const& before, host::StreamState const& state,
                 QWidget* parent);

protected:
    QString mistake(QJsonObject const& settings) const override;
    QString consequences(QJsonObject const& settings) const override;
    std::pair<QString, QJsonObject> request(QJsonObject const& settings) const override;

private:
    void addFields();

    host::StreamState const state_;
};

/// The settings of a key-value bucket of that name, and of an object store, by the field's
/// conventions (ADR-8, ADR-20).
struct BucketWish {
    QString name;
    QString description;
    int history = 1;
    base::Duration age{0};
    qint64 maxBytes = -1;
    bool memory = false;
    int replicas = 1;
    bool markers = false;  ///< Keys may expire one by one, and leave a marker.
};
QJsonObject bucketSettings(BucketWish const& wish);
QJsonObject objectStoreSettings(BucketWish const& wish);

/// Makes a bucket of one kind or the other.
class BucketDialog : public RequestDialog {
    Q_OBJECT

public:
    enum class Kind {
        KeyValue,
        Objects,
    };
    BucketDialog(Theme const& theme, Kind kind, bool markers, QWidget* parent);

    /// The stream's settings.
    QJsonObject stream() const { return streamFor(settings()); }

protected:
    QString mistake(QJsonObject const& settings) const override;
    QString consequences(QJsonObject const& settings) const override;
    std::pair<QString, QJsonObject> request(QJsonObject const& settings) const override;

private:
    QJsonObject streamFor(QJsonObject const& settings) const;

    Kind kind_;
};

}  // namespace signalbox::gui
