# frozen_string_literal: true

require_relative "error_record/dumper"
require_relative "error_record/loader"

module Minigun
  module Execution
    # An exception on its way home from a child. Where Marshal can carry it, the very exception
    # arrives. It is sent field by field as well: one that cannot be dumped still arrives as an
    # exception of its class with its message, backtrace and causes, and one whose class the parent
    # does not know as a {RemoteError} that says what it was.
    #
    # @api private
    module ErrorRecord
      # What user code that is called here (`message`, `marshal_dump`) may raise without harm.
      HARMLESS = [StandardError, ScriptError, SystemStackError, NoMemoryError, SystemExit].freeze

      module_function

      # @param error [Exception]
      # @return [Hash] plain data
      def dump(error) = Dumper.dump(error)

      # @param record [Hash] made by {dump}
      # @return [Exception] the exception itself, one like it, or a {RemoteError}
      def load(record) = Loader.load(record)
    end
  end
end
