#pragma once

#include "gui/models/roles.h"
#include "gui/source/configuration.h"

#include <QAbstractTableModel>

#include <vector>

namespace signalbox::gui {

/// What is wrong with a configuration, in the order of its lines.
class ProblemModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column {
        Kind,
        Place,
        Text,
        kColumns
    };

    using QAbstractTableModel::QAbstractTableModel;

    void show(std::vector<ConfigurationProblem> problems);
    ConfigurationProblem const* problemAt(int row) const;
    int errors() const;

    int rowCount(QModelIndex const& parent = {}) const override;
    int columnCount(QModelIndex const& parent = {}) const override;
    QVariant data(QModelIndex const& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    QString text(ConfigurationProblem const& problem, int column) const;

    std::vector<ConfigurationProblem> problems_;
};

}  // namespace signalbox::gui
