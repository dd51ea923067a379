# frozen_string_literal: true

module Minigun
  module Execution
    # An exception on its way home from a child. It is sent field by field, so that one which cannot
    # be dumped (or whose class the parent does not know) still arrives with class name, message,
    # backtrace and causes; where Marshal can carry it, the very exception arrives.
    #
    # @api private
    module ErrorRecord
      # Bytes of a message that travel; the rest is cut and the cut is said.
      MESSAGE_LIMIT = 64 * 1024
      # Lines of a backtrace that travel: the innermost and the outermost ones.
      INNERMOST = 100
      OUTERMOST = 20
      # Causes of causes that travel.
      CAUSE_LIMIT = 5

      module_function

      # @param error [Exception]
      # @return [Hash] plain data
      def dump(error, depth = 0)
        message, cut = message_of(error)
        {
          class_name: error.class.name || error.class.inspect,
          standard: error.is_a?(StandardError),
          message: message,
          backtrace: trim(error.backtrace || []),
          cause: error.cause && depth < CAUSE_LIMIT ? dump(error.cause, depth + 1) : nil,
          marshal: cut || depth.positive? ? nil : marshal(error)
        }
      end

      # @param record [Hash] made by {dump}
      # @return [Exception] the exception itself, or a {RemoteError} that says what it was
      def load(record)
        error = unmarshal(record[:marshal])
        return error if error

        remote = RemoteError.new(record[:message], class_name: record[:class_name], standard: record[:standard])
        remote.set_backtrace(record[:backtrace])
        return remote unless record[:cause]

        with_cause(remote, load(record[:cause]))
      end

      # @return [Array(String, Boolean)] the text, and whether it was cut
      def message_of(error)
        text = error.message.to_s
        return [text.dup.force_encoding(text.encoding), false] if text.bytesize <= MESSAGE_LIMIT

        ["#{text.byteslice(0, MESSAGE_LIMIT).scrub("?")}... (#{text.bytesize} bytes)", true]
      rescue StandardError => e
        ["(message raised #{e.class})", true]
      end

      def trim(backtrace)
        hidden = backtrace.size - INNERMOST - OUTERMOST
        return backtrace if hidden <= 0

        [*backtrace.first(INNERMOST), "... #{hidden} lines ...", *backtrace.last(OUTERMOST)]
      end

      # User code (marshal_dump, _dump) runs here: whatever it raises, the fields still travel.
      def marshal(error)
        lines = error.backtrace || []
        bytes = Marshal.dump(lines.size > INNERMOST + OUTERMOST ? slim(error) : error)
        bytes if bytes.bytesize <= 4 * MESSAGE_LIMIT
      rescue StandardError, SystemStackError
        nil
      end

      # The same with a short backtrace. Not a `dup`: that keeps the long one for
      # `backtrace_locations`, and Marshal writes both.
      def slim(error)
        copy = error.class.allocate
        Exception.instance_method(:initialize).bind_call(copy, error.message)
        error.instance_variables.each { |name| copy.instance_variable_set(name, error.instance_variable_get(name)) }
        copy.set_backtrace(trim(error.backtrace))
        copy
      end

      def unmarshal(bytes)
        error = bytes && Marshal.load(bytes) # rubocop:disable Security/MarshalLoad -- our own child wrote it
        error if error.is_a?(Exception)
      rescue StandardError, SystemStackError
        nil
      end

      # `cause` can only be set by raising.
      def with_cause(error, cause)
        raise error, cause: cause
      rescue RemoteError => e
        e
      end

      private_class_method :message_of, :trim, :marshal, :slim, :unmarshal, :with_cause
    end
  end
end
