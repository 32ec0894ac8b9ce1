#pragma once

#include "engine/config/schema.h"

#include "gui/models/roles.h"
#include "gui/source/configuration.h"

#include <QAbstractTableModel>

#include <optional>
#include <vector>

namespace signalbox::gui {

/// One key that is not the same everywhere. Secrets are masked.
struct ChangeRow {
    QString key;
    std::optional<QString> running;  ///< None: no broker runs.
    std::optional<QString> file;     ///< None: there is no file, or it cannot be read.
    QString editor;
    /// Whether the running broker takes the editor's value; none when it has it already.
    std::optional<config::ReloadRule> reload;
};

/// The keys in which a running broker, the file and the editor differ, in the order of the
/// documentation. `running` and `file` may be none.
std::vector<ChangeRow> compareConfigurations(ConfigurationPtr const& running,
                                             ConfigurationPtr const& file,
                                             ConfigurationPtr const& editor);

/// What a reload would change, and what it cannot.
class ChangeModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column {
        KeyName,
        Running,
        File,
        Editor,
        Effect,
        kColumns
    };

    using QAbstractTableModel::QAbstractTableModel;

    void show(std::vector<ChangeRow> rows);
    std::vector<ChangeRow> const& rows() const { return rows_; }
    /// How many of them need a restart.
    int restarts() const;

    int rowCount(QModelIndex const& parent = {}) const override;
    int columnCount(QModelIndex const& parent = {}) const override;
    QVariant data(QModelIndex const& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    QString text(ChangeRow const& row, int column) const;

    std::vector<ChangeRow> rows_;
};

}  // namespace signalbox::gui
